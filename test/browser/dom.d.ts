/** Names of the DOM that the types of the browser's driver use. Nothing here touches what they stand for. */

interface Node {
  readonly nodeType: number
}

interface SVGElement {
  readonly nodeType: number
}

interface HTMLElement {
  readonly nodeType: number
}

interface HTMLElementTagNameMap {
  readonly body: HTMLElement
}
