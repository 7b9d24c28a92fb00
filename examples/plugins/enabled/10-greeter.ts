/** Answers greetings, and counts them for as long as it is loaded. */

import type { Plugin } from 'gossipmonger-engine'

let greeted = 0

/** What the loader looks for. */
export const plugin: Plugin = {
  name: 'greeter',
  eventMap: {
    greeting: {
      hello: (session, message) => {
        greeted++
        return `hello ${session.remote.id}, you said ${JSON.stringify(message)}, number ${greeted}`
      },
    },
  },
}
