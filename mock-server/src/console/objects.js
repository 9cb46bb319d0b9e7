// The objects as a file browser: services, folders, and beside them the object that is open.

import { get, objectPath, putObject, remove } from './api.js'
import { button, fill, h, icon } from './dom.js'
import { bytes, dateTime } from './format.js'
import { icons } from './icons.js'
import { showObject } from './object.js'
import { empty, polled } from './polled.js'
import { go, link } from './router.js'
import { attempt, confirm, show, toast } from './toast.js'
import { t } from './words.js'

const PAGE = 200

export function objectsPage() {
  let service = null
  let folder = ''
  let file = null
  let limit = PAGE
  const crumbs = h('nav', { class: 'crumbs', 'aria-label': t('Folder') })
  const picker = h('input', { type: 'file', multiple: true, hidden: true, onchange: () => { upload(picker.files); picker.value = '' } })
  const actions = h('span', { class: 'actions' })
  const detail = h('section', { class: 'detail', 'aria-label': t('Object'), hidden: true, tabindex: '-1' })

  const list = polled(
    () => service === null ? get('objects') : entriesOf(),
    data => service === null ? services(data.services) : entries(data),
    { class: 'listing' })
  const pane = h('div', {
    class: 'listpane drop', ondragover: dragged, ondragleave: () => pane.classList.remove('over'), ondrop: dropped,
  }, h('div', { class: 'toolbar' }, crumbs, actions, picker), list.element)
  const element = h('div', { class: 'page requests objects' }, pane, detail)

  function entriesOf() {
    return get(`${objectPath(service, folder)}?limit=${limit}`)
  }

  function services(all) {
    if (!all.length) return empty(t('No service'))
    return h('table', { class: 'rows' },
      h('thead', null, h('tr', null, h('th', null, t('Service')), h('th', { class: 'right' }, t('Objects')), h('th', { class: 'right' }, t('Size')))),
      h('tbody', null, all.map(one => h('tr', null,
        h('td', null, h('a', { href: link(['objects', one.name, '']), 'data-row': true, 'data-key': one.name }, icon(icons.folder), one.name)),
        h('td', { class: 'right' }, one.objects ?? '–'), h('td', { class: 'right' }, bytes(one.bytes))))))
  }

  function entries({ entries, next }) {
    if (!entries.length) return empty(t('This folder is empty'), t('Drop files here, or upload some.'))
    return [
      h('table', { class: 'rows' },
        h('thead', null, h('tr', null, h('th', null, t('Name')), h('th', { class: 'right' }, t('Size')), h('th', { class: 'c-type' }, t('Type')), h('th', { class: 'c-modified' }, t('Modified')), h('th', null))),
        h('tbody', null, entries.map(entryRow))),
      next && button(t('Show more'), () => { limit += PAGE; list.refresh() }, { class: 'more' }),
    ]
  }

  function entryRow(entry) {
    const isFolder = entry.type === 'folder'
    const key = folder + entry.name
    const picture = /^image\//.test(entry.content_type ?? '')
    return h('tr', { class: key === file ? 'selected' : '' },
      h('td', null, h('a', {
        href: address(isFolder ? `${key}/` : key), 'data-row': true, 'data-key': key,
      }, icon(isFolder ? icons.folder : picture ? icons.image : icons.file), entry.name + (isFolder ? '/' : ''))),
      h('td', { class: 'right' }, isFolder ? '' : bytes(entry.bytes)),
      h('td', { class: 'c-type muted' }, isFolder ? t('folder') : entry.content_type ?? ''),
      h('td', { class: 'c-modified muted' }, dateTime(entry.modified_ms)),
      h('td', { class: 'right' }, button(t('Delete'), () => erase(isFolder ? `${key}/` : key), { class: 'link danger', 'aria-label': `${t('Delete')} ${entry.name}`, 'data-key': `delete ${key}` })))
  }

  const address = key => `${link(['objects', service, ...key.split('/').filter(part => part)])}${key.endsWith('/') || key === '' ? '/' : ''}`

  async function erase(key) {
    const question = key.endsWith('/') ? t('Delete the folder {key} and all that is in it?', { key }) : t('Delete {key}?', { key })
    if (!await confirm(question, t('Delete'))) return
    await attempt(() => remove(objectPath(service, key)))
    if (file === key) go(['objects', service, ...folder.split('/').filter(part => part), ''])
    list.refresh()
  }

  async function upload(files) {
    for (const one of [...files]) {
      await attempt(async () => {
        await putObject(service, folder + one.name, one, one.type)
        toast(t('Stored {name}', { name: one.name }))
      })
    }
    list.refresh()
  }

  function dragged(event) {
    if (service === null || !event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    pane.classList.add('over')
  }

  function dropped(event) {
    pane.classList.remove('over')
    if (service === null || !event.dataTransfer.files.length) return
    event.preventDefault()
    upload(event.dataTransfer.files)
  }

  function makeFolder() {
    const input = h('input', { type: 'text', required: true, 'aria-label': t('Name') })
    const dialog = show(t('New folder'), h('form', { onsubmit: async event => {
      event.preventDefault()
      dialog.close()
      await attempt(() => putObject(service, `${folder}${input.value.replace(/\/+$/, '')}/`, ''))
      list.refresh()
    } }, h('div', { class: 'row' }, input, h('button', { type: 'submit', class: 'primary' }, t('Make')))),
    button(t('Cancel'), () => dialog.close()))
  }

  function head() {
    const steps = service === null ? [] : [service, ...folder.split('/').filter(part => part)]
    fill(crumbs, h('a', { href: '#/objects' }, t('Services')), steps.map((step, at) =>
      [h('span', { class: 'muted' }, ' / '), h('a', { href: `${link(['objects', ...steps.slice(0, at + 1)])}/` }, step)]))
    fill(actions, service !== null && [
      button([icon(icons.up), t('Upload')], () => picker.click(), { class: 'primary', id: 'upload' }),
      button(t('New folder'), makeFolder, { class: 'quiet', id: 'new-folder' })])
  }

  return {
    title: t('Objects'),
    element,
    show(route) {
      const [, name, ...segments] = route.path
      const isFolder = /\/(\?|$)/.test(location.hash) || !segments.length
      const key = segments.join('/')
      const next = isFolder ? (key ? `${key}/` : '') : key.slice(0, key.lastIndexOf('/') + 1)
      if ((name ?? null) !== service || next !== folder) limit = PAGE
      service = name ?? null
      folder = next
      file = isFolder || service === null ? null : key
      head()
      element.classList.toggle('split', file !== null)
      detail.hidden = file === null
      if (file !== null) showObject(detail, service, file, { close: () => this.back(), erase: () => erase(file), isCurrent: key => key === file })
      else fill(detail)
      list.refresh(true)
    },
    refresh: () => list.refresh(),
    back() {
      if (service === null) return false
      if (file !== null) location.hash = address(folder)
      else if (folder) location.hash = address(folder.replace(/[^/]+\/$/, ''))
      else go(['objects'])
      return true
    },
  }
}
