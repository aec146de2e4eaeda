//! What paints, behind one trait.
