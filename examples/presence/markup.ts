/** The page, without its script. */

/** HTML and its style. */
export const MARKUP = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Who is here</title>
<style>
  :root { color-scheme: light dark; font: 18px/1.6 Georgia, serif }
  body { max-width: 32rem; margin: 12vh auto; padding: 0 1rem }
  h1 { font-weight: normal }
  ul { list-style: none; padding: 0 }
  li { display: flex; gap: .6rem; transition: opacity .3s }
  li::before { content: '●'; color: seagreen }
  li.self::after { content: 'this tab'; opacity: .5; font-style: italic }
  li.dead { text-decoration: line-through }
  li.dead::before { color: firebrick }
  li i { opacity: .7 }
  input { width: 100%; box-sizing: border-box; padding: .5rem .7rem; font: inherit }
</style>
<h1>Who is here</h1>
<ul id="here"></ul>
<input id="says" placeholder="Type, and the other tabs see it" autofocus autocomplete="off">
<script type="module" src="/page.js"></script>
`
