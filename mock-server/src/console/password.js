// Whether a signature was made with a password. The password never leaves the page.

import { md5 } from './md5.js'

/** Browsers do cryptography on https and on loopback only. */
export function canCheck() {
  return typeof crypto !== 'undefined' && crypto.subtle !== undefined
}

/** What a password gives for a string-to-sign under `form`. */
export async function sign(form, text, password) {
  const key = md5(password)
  if (form === 'legacy' || form === 'purge') return md5(text.replace(/\*+$/, key))
  return hmac(key, text)
}

async function hmac(key, text) {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-1' }
  const imported = await crypto.subtle.importKey('raw', encoder.encode(key), algorithm, false, ['sign'])
  const raw = await crypto.subtle.sign('HMAC', imported, encoder.encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(raw)))
}
