// The server's clock: read it, stop it, move it, and see what fell due meanwhile.

import { post } from './api.js'
import { explained } from './causes.js'
import { button, field, fill, h } from './dom.js'
import { dateTime, seconds } from './format.js'
import { learnClock, now, readClock, serverClock } from './server-clock.js'
import { attempt } from './toast.js'
import { t } from './words.js'

const STEPS = [[60, '1 min'], [1800, '30 min'], [3600, '1 h'], [86400, '1 d'], [604800, '7 d']]

export function clockPage() {
  const face = h('div', { class: 'face', role: 'timer' })
  const facts = h('p', { class: 'muted' })
  const toggle = h('button', { type: 'button', id: 'freeze' })
  const reset = button(t('Back to the system’s time'), () => move('reset', undefined, t('Back to the system’s time')), { id: 'clock-reset' })
  const settled = h('div', { class: 'settled' })
  const custom = h('input', { type: 'number', step: 'any', min: '0', id: 'seconds', placeholder: '90', required: true })
  const wanted = h('input', { type: 'datetime-local', step: '1', id: 'set-time', required: true })

  async function move(path, body, what) {
    fill(settled, h('p', { class: 'muted' }, t('working …')))
    const clock = await attempt(() => post(`clock/${path}`, body))
    if (!clock) return fill(settled)
    learnClock(clock)
    paint()
    fill(settled, outcome(what, clock.settled ?? []))
  }

  function outcome(what, all) {
    return h('section', { class: 'card' }, h('h3', null, what),
      all.length
        ? h('ol', { class: 'timeline' }, all.map(one => h('li', null, h('time', null, dateTime(one.at_ms)), ' ', explained(one.what))))
        : h('p', { class: 'muted' }, t('Nothing fell due.')))
  }

  const advance = amount => move('advance', { seconds: amount }, t('Advanced by {s}', { s: seconds(amount) }))

  function paint() {
    const ms = now()
    fill(face, dateTime(ms))
    face.classList.toggle('frozen', serverClock.frozen)
    const off = Math.round(serverClock.offset_ms / 1000)
    fill(facts, `${new Date(ms).toUTCString()} · ${Math.floor(ms / 1000)} · `,
      off ? t('{s} from the system’s clock', { s: seconds(off) }) : t('like the system’s clock'))
    reset.disabled = !serverClock.frozen && off === 0
    fill(toggle, serverClock.frozen ? t('Let it go on') : t('Freeze'))
  }

  toggle.addEventListener('click', () => serverClock.frozen ? move('resume', undefined, t('It goes on')) : move('freeze', undefined, t('Frozen')))
  const timer = setInterval(paint, 250)
  paint()
  return {
    title: t('Clock'),
    element: h('div', { class: 'page narrow' }, h('h1', null, t('Clock')),
      h('section', { class: 'card clockcard' }, face, facts, h('div', { class: 'row' }, toggle, reset)),
      h('section', { class: 'card' }, h('h3', null, t('Advance')),
        h('p', { class: 'muted' }, t('All that falls due on the way happens in order: deletions, expiries, task steps, callback retries.')),
        h('div', { class: 'row', id: 'advance' }, STEPS.map(([amount, text]) => button(`+ ${text}`, () => advance(amount))),
          h('form', { class: 'row', onsubmit: event => { event.preventDefault(); advance(Number(custom.value)) } },
            custom, h('span', { class: 'muted' }, t('seconds')), h('button', { type: 'submit' }, t('Advance'))))),
      h('section', { class: 'card' }, h('h3', null, t('Set')),
        h('form', { class: 'row', onsubmit: event => {
          event.preventDefault()
          move('set', { unix: Math.floor(new Date(wanted.value).getTime() / 1000) }, t('Set'))
        } }, field(t('Your time zone'), wanted), h('button', { type: 'submit' }, t('Set')))),
      settled),
    refresh: () => readClock().then(paint),
    destroy: () => clearInterval(timer),
  }
}
