// Asynchronous tasks: media, archives, fetches.

import { get } from './api.js'
import { explained } from './causes.js'
import { h } from './dom.js'
import { dateTime, seconds } from './format.js'
import { value } from './json.js'
import { OpenRows, empty, opener, polled } from './polled.js'
import { progress } from './uploads.js'
import { t } from './words.js'

const MOST = 500

export function tasksPage() {
  const opened = new OpenRows('tasks')
  const part = polled(() => get('tasks'), ({ tasks }) => [
    opened.missing(tasks, one => one.id, id => t('No task {id} is remembered.', { id })),
    tasks.length
      ? h('div', { class: 'cards' }, opened.newest(tasks, MOST, one => one.id).reverse().map(task => taskView(task, opened, () => part.repaint())))
      : empty(t('No task yet'), t('Audio, video, archive and fetch tasks are shown here with their progress.')),
  ], null, opened)
  return {
    title: t('Tasks'),
    element: h('div', { class: 'page' }, h('h1', null, t('Tasks')), part.element),
    show(route) {
      opened.show(route)
      part.repaint()
    },
    refresh: () => part.refresh(),
  }
}

const STATES = { queued: 'queued', running: 'running', done: 'done', failed: 'failed' }

export function stateMark(state) {
  const known = { done: 'good', delivered: 'good', failed: 'bad', 'given-up': 'bad', running: 'busy', waiting: 'busy', queued: 'idle', lost: 'bad' }
  return h('span', { class: `state ${known[state] ?? 'idle'}` }, t(STATES[state] ?? String(state)))
}

/** What a task does: the app, and of media tasks the type, or the types of a chain's steps. */
export function taskName({ app, parameters }) {
  if (app !== 'naga') return app
  const { type, steps } = parameters ?? {}
  if (type === 'chain' && Array.isArray(steps)) {
    return ['chain', steps.map(step => step?.type ?? '?').join(' → ')].join(': ')
  }
  return typeof type === 'string' && type !== '' ? type : app
}

/** Why a task failed, in the server's words. */
export function failure({ app, result }) {
  return (app === 'naga' ? result?.description : result?.error) || ''
}

function taskView(task, opened, repaint) {
  const took = task.ended_ms && task.started_ms ? seconds((task.ended_ms - task.started_ms) / 1000) : null
  return h('article', { class: 'card' },
    h('div', { class: 'rowhead', ...opener(opened, task.id, repaint) },
      stateMark(task.state),
      h('div', { class: 'grow' }, h('b', null, taskName(task)), ' ', h('span', { class: 'path' }, `/${task.service}${task.source}`),
        h('div', { class: 'muted' }, [taskName(task) !== task.app && task.app, task.id, dateTime(task.submitted_ms), took].filter(part => part).join(' · ')),
        task.state === 'failed' && h('div', { class: 'bad wrap' }, explained(failure(task)))),
      h('span', { class: 'numbers' }, `${task.progress_percent} %`)),
    task.state === 'running' && progress(task.progress_percent),
    opened.has(task.id) && h('div', { class: 'columns' },
      h('div', null, h('h4', null, t('Parameters')), h('pre', { class: 'code' }, value(task.parameters))),
      h('div', null, h('h4', null, t('Result')), h('pre', { class: 'code' }, task.result ? value(task.result) : '–')),
      task.notify_url && h('div', { class: 'all' }, h('h4', null, t('Its end is told to')), h('code', { class: 'wrap' }, task.notify_url))))
}
