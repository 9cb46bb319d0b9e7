// English is written where it is used; what is Chinese stands in chinese.js under the English.

import { chinese } from './chinese.js'
import { read, write } from './prefs.js'

let current = read('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en')

/** `en` or `zh`. */
export function language() {
  return current
}

export function setLanguage(chosen) {
  current = chosen === 'zh' ? 'zh' : 'en'
  write('language', current)
}

/** What English says where `{n}` is 1. */
const ofOne = {
  '{n} requests': '{n} request',
  '{n} attempts': '{n} attempt',
  '{n} faults': '{n} fault',
  '{n} times at most': 'once at most',
  'applied {n} times': 'applied once',
  'seen {n} times': 'seen once',
}

/** A text in the reader's language; `{name}` stands for a value. */
export function t(english, values) {
  const text = current === 'zh' ? chinese[english] ?? english
    : String(values?.n) === '1' ? ofOne[english] ?? english
      : english
  if (!values) return text
  return text.replace(/\{(\w+)\}/g, (whole, name) => name in values ? String(values[name]) : whole)
}
