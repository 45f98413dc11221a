/**
 * What browsers and proxies are to know of every answer: it is kept by none, since it may show somebody's money, it is what its type says, it
 * loads nothing, and stands in no frame. Answers that are pages, or are for everyone, say otherwise themselves.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;
