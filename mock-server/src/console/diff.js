// Where two short texts differ, character by character.

/** Longer texts are compared by their common beginning and end only. */
const MOST = 600

/** Two lists of `{ text, same }`, for the left and the right text. */
export function diff(left, right) {
  const a = [...left]
  const b = [...right]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  const middle = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const [x, y] = middle[0].length * middle[1].length <= MOST * MOST ? longest(...middle) : middle.map(part => part.map(() => false))
  const runs = (text, flags) => merge(text.map((char, at) =>
    ({ text: char, same: at < start || at >= text.length - end || flags[at - start] })))
  return [runs(a, x), runs(b, y)]
}

/** Flags of the characters that belong to the longest common subsequence. */
function longest(a, b) {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
    }
  }
  const flags = [a.map(() => false), b.map(() => false)]
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      flags[0][i] = true
      flags[1][j] = true
      i += 1
      j += 1
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1
    else j += 1
  }
  return flags
}

function merge(chars) {
  const runs = []
  for (const char of chars) {
    const last = runs.at(-1)
    if (last && last.same === char.same) last.text += char.text
    else runs.push({ ...char })
  }
  return runs
}
