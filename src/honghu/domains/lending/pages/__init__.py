"""Pages of lending: loans, one loan with its plan and statement, the calculator, the portfolio."""
