// Asynchronous tasks: media, archives, fetches.

import { get } from './api.js'
import { h } from './dom.js'
import { dateTime, seconds } from './format.js'
import { value } from './json.js'
import { empty, opener, polled } from './polled.js'
import { progress } from './uploads.js'
import { t } from './words.js'

const MOST = 500

export function tasksPage() {
  const opened = new Set()
  const part = polled(() => get('tasks'), ({ tasks }) => tasks.length
    ? h('div', { class: 'cards' }, tasks.slice(-MOST).reverse().map(task => taskView(task, opened, () => part.repaint())))
    : empty(t('No task yet'), t('Audio, video, archive and fetch tasks are shown here with their progress.')))
  return {
    title: t('Tasks'),
    element: h('div', { class: 'page' }, h('h1', null, t('Tasks')), part.element),
    refresh: () => part.refresh(),
  }
}

const STATES = { queued: 'queued', running: 'running', done: 'done', failed: 'failed' }

export function stateMark(state) {
  const known = { done: 'good', delivered: 'good', failed: 'bad', 'given-up': 'bad', running: 'busy', waiting: 'busy', queued: 'idle', lost: 'bad' }
  return h('span', { class: `state ${known[state] ?? 'idle'}` }, t(STATES[state] ?? String(state)))
}

function taskView(task, opened, repaint) {
  const took = task.ended_ms && task.started_ms ? seconds((task.ended_ms - task.started_ms) / 1000) : null
  return h('article', { class: 'card' },
    h('div', { class: 'rowhead', ...opener(opened, task.id, repaint) },
      stateMark(task.state),
      h('div', { class: 'grow' }, h('b', null, task.app), ' ', h('span', { class: 'path' }, `/${task.service}${task.source}`),
        h('div', { class: 'muted' }, [task.id, dateTime(task.submitted_ms), took].filter(part => part).join(' · '))),
      h('span', { class: 'numbers' }, `${task.progress_percent} %`)),
    task.state === 'running' && progress(task.progress_percent),
    opened.has(task.id) && h('div', { class: 'columns' },
      h('div', null, h('h4', null, t('Parameters')), h('pre', { class: 'code' }, value(task.parameters))),
      h('div', null, h('h4', null, t('Result')), h('pre', { class: 'code' }, task.result ? value(task.result) : '–')),
      task.notify_url && h('div', { class: 'all' }, h('h4', null, t('Its end is told to')), h('code', { class: 'wrap' }, task.notify_url))))
}
