/** The few things of a browser that the page uses. A project with the library "dom" in its tsconfig.json needs none of this. */

/** An element. */
export interface PageElement {
  id: string
  className: string
  textContent: string
  value: string
  title: string
  readonly style: { opacity: string }
  append(...children: PageElement[]): void
  replaceChildren(...children: PageElement[]): void
  addEventListener(event: string, listener: () => void): void
}

/** The globals. */
export interface BrowserGlobals {
  readonly document: {
    title: string
    getElementById(id: string): PageElement
    createElement(name: string): PageElement
  }
  readonly location: { readonly host: string; readonly protocol: string; readonly hash: string; reload(): void }
  addEventListener(event: string, listener: (event: { readonly persisted: boolean }) => void): void
}
