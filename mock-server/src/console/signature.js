// The signature of a request, step by step: which check failed, and where the strings-to-sign differ.

import { checks, clockOffset } from './checks.js'
import { diff } from './diff.js'
import { button, fill, h, icon } from './dom.js'
import { icons } from './icons.js'
import { canCheck, sign } from './password.js'
import { credential, rows } from './signed.js'
import { copy } from './toast.js'
import { t } from './words.js'

/** Nothing for requests that carry no signature and were not asked for one, like those of access domains. */
export function signatureView(entry) {
  const explanation = entry.explanation ?? {}
  const sent = credential(entry)
  if (sent.form === 'none' && !(entry.status === 401)) return null
  const steps = checks(entry, sent)
  const failed = steps.some(step => step.state === 'failed')
  const view = h('details', { class: 'card signature', open: failed },
    h('summary', null, h('h3', null, failed ? t('The signature, step by step') : t('Signature'),
      !failed && h('span', { class: 'muted' }, ` ${steps[0].text}`))),
    h('ol', { class: 'steps' }, steps.map(step => stepView(entry, step))))
  if (explanation.string_to_sign) view.append(strings(sent, explanation))
  return view
}

const MARKS = { passed: icons.check, failed: icons.close, unneeded: icons.minus, unreached: icons.minus }
const WORDS = { passed: 'passed', failed: 'failed', unneeded: 'not needed', unreached: 'not reached' }

function stepView(entry, step) {
  const offset = step.name === 'date' && step.state !== 'unneeded' && step.state !== 'unreached' ? clockOffset(entry) : null
  return h('li', { class: `step ${step.state}` },
    h('span', { class: 'stepmark', role: 'img', 'aria-label': t(WORDS[step.state]) }, icon(MARKS[step.state])),
    h('div', null, h('span', { class: 'steptitle' }, step.title),
      step.text && h('code', null, step.text),
      offset && clockGauge(offset)))
}

/** A line of 80 minutes: the allowed hour in its middle, the client's clock as a dot. */
function clockGauge({ off, text, fits }) {
  const at = Math.min(99, Math.max(1, 50 + off / 2400 * 50))
  return h('div', { class: 'clockline' },
    h('div', { class: 'gauge', role: 'img', 'aria-label': text },
      h('i', { class: 'allowed' }), h('i', { class: fits ? 'dot' : 'dot off', style: { left: `${at}%` } })),
    h('span', { class: fits ? 'muted' : 'bad' }, t('the client’s clock is {off}', { off: text })))
}

function strings(sent, { string_to_sign: server, client_signed: guessed, sent: signature }) {
  const table = h('div', { class: 'compare' })
  const show = (client, mine) => fill(table, compare(sent.form, server, client), verdict(server, client, mine))
  const pasted = h('textarea', {
    rows: '2', spellcheck: 'false', id: 'pasted', placeholder: t('Paste the string that your client signs, to compare it'),
    'aria-label': t('The client’s string-to-sign'),
    oninput: () => show(pasted.value === '' ? guessed : pasted.value.replace(/\n$/, ''), pasted.value !== ''),
  })
  show(guessed, false)
  return h('div', { class: 'strings' },
    table,
    h('div', { class: 'field' }, pasted),
    h('dl', { class: 'facts wide' },
      h('div', null, h('dt', null, t('Server’s string-to-sign')), h('dd', null, h('code', null, server), ' ',
        button(t('Copy'), () => copy(server), { class: 'link' }))),
      guessed && h('div', null, h('dt', null, t('Client’s, it seems')), h('dd', null, h('code', null, guessed))),
      h('div', null, h('dt', null, t('Signature sent')), h('dd', null, h('code', null, signature || t('none'))))),
    canCheck() && signature && passwordCheck(sent.form, server, signature))
}

function compare(form, server, client) {
  return h('table', { class: 'elements' },
    h('thead', null, h('tr', null, h('th', null, t('Element')), h('th', null, t('The client signed')), h('th', null, t('The server signs')), h('th', null))),
    h('tbody', null, rows(form, server, client).map(row => elementRow(row, client !== undefined))))
}

function elementRow({ name, server, client }, known) {
  const differs = known && server !== client
  const [left, right] = differs ? diff(client ?? '', server ?? '') : [[{ text: client ?? '', same: true }], [{ text: server ?? '', same: true }]]
  const missing = value => known && value === undefined
  return h('tr', { class: differs ? 'differs' : '' },
    h('th', { scope: 'row' }, name),
    h('td', null, known ? (missing(client) ? h('i', { class: 'absent' }, t('not signed')) : code(left, 'del')) : h('i', { class: 'muted' }, t('unknown'))),
    h('td', null, missing(server) ? h('i', { class: 'absent' }, t('not signed')) : code(right, 'ins')),
    h('td', { class: 'mark' }, known && h('span', { role: 'img', 'aria-label': differs ? t('differs') : t('the same') },
      icon(differs ? icons.close : icons.check))))
}

/** Blanks that differ are shown, or nobody would see them. */
function code(runs, tag) {
  return h('code', null, runs.map(({ text, same }) => same ? text : h(tag, null, text.replace(/ /g, '␠').replace(/\n/g, '⏎').replace(/\t/g, '⇥'))))
}

function verdict(server, client, mine) {
  if (client === undefined) {
    return h('p', { class: 'muted' }, t('No known mistake in the text gives this signature, so the text may well be right and the key or the encoding wrong. Paste your client’s text below, or check the password.'))
  }
  if (mine && client === server) {
    return h('p', { class: 'good' }, t('Both texts are the same: look at the key, which is the lower-case hex MD5 of the password, and at the encoding.'))
  }
  return null
}

function passwordCheck(form, server, signature) {
  const answer = h('p', { class: 'muted', role: 'status' })
  const input = h('input', { type: 'password', autocomplete: 'off', id: 'password', 'aria-label': t('Password') })
  const check = async event => {
    event.preventDefault()
    const made = await sign(form, server, input.value)
    fill(answer, made === signature
      ? t('This password gives exactly the signature that was sent: the server knows another password for this operator.')
      : [t('With this password the signature would be'), ' ', h('code', null, made)])
  }
  return h('form', { class: 'password', onsubmit: check },
    h('span', { class: 'label' }, t('What would a password give? It stays in this page.')),
    h('div', { class: 'row' }, input, h('button', { type: 'submit' }, t('Compute'))), answer)
}
