"""Expr → Expr: rewriting by rules, derivatives, shorter forms, forms that survive rounding."""
