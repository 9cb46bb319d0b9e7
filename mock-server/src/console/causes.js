// What the server says about a refusal, in the reader's language. The server writes English sentences.

import { phrases, sentences } from './chinese-causes.js'
import { language } from './words.js'

/** Longer texts are not looked through: they hold a whole policy or path. */
const MAX_LENGTH = 4000
/** What a sentence leaves open. It does not reach into the next sentence. */
const VALUE = '((?:(?!\\. [A-Z]).)+?)'
const DURATIONS = [
  [/^(\d+) minutes$/, '$1 分钟'],
  [/^(\d+) hours and (\d+) minutes$/, '$1 小时 $2 分钟'],
  [/^(\d+) days$/, '$1 天'],
]

/** The sentence with the most letters of its own is tried first. */
const rules = sentences
  .map(([english, chinese]) => ({ english, chinese, letters: english.replace(/\{.*?\}/g, '').length }))
  .sort((a, b) => b.letters - a.letters)

/** A cause or remedy, for a person. What has no Chinese stays English, sentence by sentence. */
export function explained(text) {
  if (language() !== 'zh' || !text || text.length > MAX_LENGTH) return text ?? ''
  return inChinese(text)
}

export function inChinese(text) {
  let rest = text.trim()
  let written = ''
  while (rest !== '') {
    const [piece, length] = translated(rest) ?? firstSentence(rest)
    written += piece
    rest = rest.slice(length)
  }
  return written.trim()
}

/** The Chinese of what stands first, and how long that was. */
function translated(text) {
  for (const rule of rules) {
    rule.pattern ??= pattern(rule.english)
    const found = rule.pattern.exec(text)
    if (!found) continue
    return [rule.chinese.replace(/\{(\d)\}/g, (_, number) => phrase(found[number])), found[0].length]
  }
  return null
}

function pattern(english) {
  const parts = english.split(/(\{\d.*?\})/).map(part => {
    if (/^\{\d\}$/.test(part)) return VALUE
    const choices = /^\{\d\|(.*)\}$/.exec(part)
    return choices ? `(${choices[1]})` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  const end = /[.:]$/.test(english) ? '(?: |$)' : '\\.?$'
  return new RegExp(`^${parts.join('')}${end}`, 's')
}

function phrase(text) {
  if (Object.hasOwn(phrases, text)) return phrases[text]
  for (const [duration, chinese] of DURATIONS) {
    if (duration.test(text)) return text.replace(duration, chinese)
  }
  return text
}

function firstSentence(text) {
  const end = /[.;:] (?=\S)/.exec(text)
  const length = end ? end.index + end[0].length : text.length
  return [text.slice(0, length), length]
}
