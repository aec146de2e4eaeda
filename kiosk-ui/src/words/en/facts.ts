/** One fact at a time while the paint dries, by style. */
export const facts: Record<string, string[]> = {
  "van-gogh": [
    "He painted The Starry Night by daylight, from memory.",
    "In his last seventy days he painted about a picture a day.",
    "Models cost money, so he painted himself more than thirty-five times.",
    "He took up painting at twenty-seven.",
    "More than six hundred of his letters to his brother Theo survive.",
  ],
  picasso: [
    "His baptismal name runs to some twenty words.",
    "He painted front and profile in one and the same face.",
    "Guernica is almost eight metres wide.",
    "Les Demoiselles d’Avignon stayed in his studio for nine years before it was shown.",
    "His first word, said his mother, was “piz”: pencil.",
  ],
  renoir: [
    "At thirteen he painted flowers on porcelain in a factory.",
    "He painted shadows in blue and violet.",
    "The woman with the little dog in his Boating Party became his wife.",
    "When his hands hurt too much to hold a brush, he went on painting.",
    "He and Monet painted the same river side by side.",
  ],
  lichtenstein: [
    "He first made his dots with a dog’s bristle brush.",
    "The dots come from cheap printing, and are named after Benjamin Day.",
    "Whaam! is four metres wide.",
    "In 1964 a magazine asked whether he was the worst artist in America.",
    "He took a single comic panel and made it as large as a wall.",
  ],
  other: ["Every painting here is made for you, and only once.", "Touch “Paint it again” later: other colours, the same face."],
};
