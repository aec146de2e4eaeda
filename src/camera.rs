//! What photographs, behind one trait.
