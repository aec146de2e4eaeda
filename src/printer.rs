//! What prints, behind one trait.
