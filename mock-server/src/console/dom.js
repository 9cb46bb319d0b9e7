// Elements. What a program sent is only ever a text node or an attribute's value, never markup.

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'open', 'selected', 'hidden', 'indeterminate'])
const SVG = 'http://www.w3.org/2000/svg'

/**
 * Makes an element.
 *
 * `props` may hold attributes, `onclick` and the like as functions, and `style` as an object, which the
 * content security policy allows because it is no style attribute. Children that are null or false are
 * left out; everything else that is no node becomes text.
 */
export function h(name, props, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(props ?? {})) set(element, key, value)
  append(element, children)
  return element
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false && !PROPERTIES.has(key)) return
  if (key.startsWith('on')) {
    element.addEventListener(key.slice(2), value)
  } else if (key === 'style') {
    for (const [name, text] of Object.entries(value)) element.style.setProperty(name, text)
  } else if (PROPERTIES.has(key)) {
    element[key] = value
  } else {
    if ((key === 'href' || key === 'src') && !isOwn(value)) return
    element.setAttribute(key, value === true ? '' : value)
  }
}

/** Links lead to this server only, whatever an object or a callback is called. */
function isOwn(url) {
  return /^(#|\/(?!\/)|blob:|data:image\/(png|jpeg|gif|webp|bmp);base64,)/.test(url)
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue
    element.append(child instanceof Node ? child : String(child))
  }
}

/** Replaces all that an element holds. */
export function fill(element, ...children) {
  element.replaceChildren()
  append(element, children)
  return element
}

/** A drawing of 16 by 16 units from the `d` of its path. */
export function icon(path) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(SVG, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}

/** A button; `props.class` says which kind. */
export function button(text, onclick, props) {
  return h('button', { type: 'button', onclick, ...props }, text)
}

/** A labelled form control. */
export function field(label, control, hint) {
  return h('label', { class: 'field' }, h('span', { class: 'label' }, label), control, hint && h('small', null, hint))
}

/** A select box of `[value, text]` pairs. */
export function select(choices, value, props) {
  return h('select', props, choices.map(([choice, text]) =>
    h('option', { value: choice, selected: choice === value }, text)))
}
