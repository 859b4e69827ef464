"""Addresses of lending."""

from django.urls import path

from honghu.domains.lending.pages import calculator, closings, lists, loan, portfolio, statement

urlpatterns = [
    path("loans", lists.loan_list, name="loans"),
    path("loans.xlsx", lists.loans_excel, name="loans-excel"),
    path("loans/calculator", calculator.calculator, name="loan-calculator"),
    path("loans/calculator.xlsx", calculator.calculator_excel, name="loan-calculator-excel"),
    path("loans/closings", closings.closings_page, name="loan-closings"),
    path("loans/portfolio", portfolio.portfolio_page, name="loan-portfolio"),
    path(
        "loans/portfolio/<slug:name>.xlsx", portfolio.portfolio_excel, name="loan-portfolio-excel"
    ),
    path("loans/<uuid:loan_id>", loan.loan_page, name="loan"),
    path("loans/<uuid:loan_id>/statement", statement.statement_page, name="loan-statement"),
    path(
        "loans/<uuid:loan_id>/statement.<slug:kind>",
        statement.statement_file,
        name="loan-statement-file",
    ),
]
