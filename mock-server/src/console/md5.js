// MD5 (RFC 1321), which browsers do not offer: the key of every signature is the MD5 of a password.

const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
const SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32))

/** The lower-case hex MD5 of a text in UTF-8. */
export function md5(text) {
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  const data = padded(new TextEncoder().encode(text))
  for (let at = 0; at < data.byteLength; at += 64) block(state, new DataView(data.buffer, at, 64))
  const out = new DataView(new ArrayBuffer(16))
  state.forEach((word, i) => out.setUint32(i * 4, word, true))
  return [...new Uint8Array(out.buffer)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

function padded(bytes) {
  const data = new Uint8Array((bytes.length + 8 >> 6) * 64 + 64)
  data.set(bytes)
  data[bytes.length] = 0x80
  const view = new DataView(data.buffer)
  view.setUint32(data.length - 8, bytes.length * 8 >>> 0, true)
  view.setUint32(data.length - 4, Math.floor(bytes.length / 2 ** 29), true)
  return data
}

function block(state, words) {
  let [a, b, c, d] = state
  for (let i = 0; i < 64; i += 1) {
    const round = i >> 4
    const [mixed, word] = [
      [b & c | ~b & d, i],
      [d & b | ~d & c, (5 * i + 1) % 16],
      [b ^ c ^ d, (3 * i + 5) % 16],
      [c ^ (b | ~d), 7 * i % 16],
    ][round]
    const sum = a + mixed + SINES[i] + words.getUint32(word * 4, true) | 0
    const shift = SHIFTS[round][i % 4]
    a = d
    d = c
    c = b
    b = b + (sum << shift | sum >>> 32 - shift) | 0
  }
  state[0] = state[0] + a | 0
  state[1] = state[1] + b | 0
  state[2] = state[2] + c | 0
  state[3] = state[3] + d | 0
}
