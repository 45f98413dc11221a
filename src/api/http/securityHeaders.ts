/**
 * Security headers of every response.
 *
 * It is not cached (balances are personal data), not sniffed, not framed, and its CSP allows no source. Pages and
 * public files override them.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;
