//! How each page looks: on a desk and a phone, light and dark, and from right to left. The pictures are kept
//! in `target/screenshots`; that nothing is wider than its screen, down to 320 px, is proved on the way.
