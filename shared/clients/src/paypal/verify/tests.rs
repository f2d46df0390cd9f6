//! Signing as PayPal does, with a chain of our own, and every way of getting it wrong.
