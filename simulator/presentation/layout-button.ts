/** A standard button: all that describes a link of one's own is empty. */
export function layoutButton(name: string, label: string): object {
  return {
    behavior: null,
    colors: null,
    content: null,
    contentSource: null,
    custom: false,
    encoding: null,
    height: null,
    icons: null,
    label,
    menubar: false,
    name,
    overridden: false,
    resizeable: false,
    scrollbars: false,
    showsLocation: false,
    showsStatus: false,
    toolbar: false,
    url: null,
    width: null,
    windowPosition: null,
  }
}
