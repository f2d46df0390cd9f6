/* Days in Arabic have six forms. The sign # in a sentence stands for the days, as the subject or after a verb. */

const forms = (one, two) => ({ zero: "لا أيام", one, two, few: "{n} أيام", many: "{n} يومًا", other: "{n} يوم" });

const spread = (sentence, of) => Object.fromEntries(Object.entries(of).map(([form, words]) => [form, sentence.replace("#", words)]));

export const days = (sentence) => spread(sentence, forms("يوم واحد", "يومان"));
export const someDays = (sentence) => spread(sentence, forms("يومًا واحدًا", "يومين"));
export const ofDays = (sentence) => spread(sentence, forms("يوم واحد", "يومين"));
