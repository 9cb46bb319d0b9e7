// `#/objects/demo/a%20b?x=1` ↔ { path: ['objects', 'demo', 'a b'], query }.

export function parse(hash) {
  const text = hash.replace(/^#\/?/, '')
  const cut = text.indexOf('?')
  const path = cut < 0 ? text : text.slice(0, cut)
  return {
    path: path.split('/').filter(segment => segment !== '').map(decode),
    query: new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1)),
  }
}

function decode(segment) {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export function link(path, query) {
  const text = query ? new URLSearchParams(query).toString() : ''
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`
}

export function go(path, query) {
  location.hash = link(path, query)
}

/** Changes the address without a step in the history. */
export function replace(path, query) {
  history.replaceState(null, '', link(path, query))
}
