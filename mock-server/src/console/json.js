// JSON, indented and in colours.

import { h } from './dom.js'

/** Nodes for a text that is a JSON object or array, else null. */
export function json(text) {
  if (!/^\s*[[{]/.test(text)) return null
  try {
    return value(JSON.parse(text), '')
  } catch {
    return null
  }
}

/** Nodes for any value. */
export function value(data, indent = '') {
  if (Array.isArray(data)) return block('[', ']', data.map(item => [value(item, `${indent}  `)]), indent)
  if (data !== null && typeof data === 'object') {
    const members = Object.entries(data).map(([name, item]) =>
      [h('span', { class: 'j-name' }, JSON.stringify(name)), ': ', value(item, `${indent}  `)])
    return block('{', '}', members, indent)
  }
  const kind = data === null ? 'null' : typeof data
  return [h('span', { class: `j-${kind}` }, JSON.stringify(data))]
}

function block(open, close, items, indent) {
  if (!items.length) return [open + close]
  const lines = items.flatMap((item, at) => [`${at ? ',' : ''}\n${indent}  `, ...item])
  return [open, ...lines, `\n${indent}${close}`]
}
