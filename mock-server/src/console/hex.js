// Bytes as `00000010  48 65 6c 6c 6f …  Hello`.

const WIDTH = 16

export function hexdump(bytes) {
  const lines = []
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = [...bytes.subarray(at, at + WIDTH)]
    const hex = row.map(byte => byte.toString(16).padStart(2, '0'))
    const ascii = row.map(byte => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·').join('')
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')]
    lines.push(`${at.toString(16).padStart(8, '0')}  ${halves[0].padEnd(23)}  ${halves[1].padEnd(23)}  ${ascii}`)
  }
  return lines.join('\n')
}
