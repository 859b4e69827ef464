"""What the finance bureau reports and watches: R1 to R8 and the board, each number with its cases."""
