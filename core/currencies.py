"""The currencies that are known here."""

# Digits after the point, ISO 4217 (2024 list). A currency is accepted once it stands here.
EXPONENTS = {
    "AED": 2,
    "EGP": 2,
    "USD": 2,
    "SAR": 2,
    "QAR": 2,
    "EUR": 2,
    "GBP": 2,
    "INR": 2,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
}
