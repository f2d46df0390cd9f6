/* What time it is for the account. The sign-in provider stamps each token, so a clock that runs apart from
   this machine's (a wrong laptop, a world moved by a month) is noticed and followed. */

const TOLERATED_MS = 5 * 60 * 1000;
export const DAY_MS = 86400000;

let offset = 0;

export const now = () => Date.now() + offset;

/* Somebody trustworthy said what time it is. */
export function heard(instantMs) {
  const apart = instantMs - Date.now();
  offset = Math.abs(apart) > TOLERATED_MS ? apart : 0;
}
