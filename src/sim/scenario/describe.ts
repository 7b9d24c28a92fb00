/** A scenario as a person reads it: who there is, and what happens when. */

import type { JsonValue } from '../../core/index.ts'
import type { Scenario, ScenarioNetwork, Step } from './scenario.ts'

const VALUE_CHARS_MAX = 60

/** Lines of text: the cluster first, then each step with its time. */
export function describeScenario(scenario: Scenario): string {
  const lines = [clusterLine(scenario), networkText(scenario.network)]
  let now = 0
  for (const step of scenario.steps) {
    if (step.do === 'wait') now += step.ms
    else lines.push(`${clockText(now)}  ${stepText(step)}`)
  }
  lines.push(`${clockText(now)}  peace`)
  return lines.join('\n')
}

function clusterLine({ seed, peers, firstGeneration = 0, engine, drift }: Scenario): string {
  const options = Object.entries(engine).map(([name, value]) => `${name} ${String(value)}`)
  const old = firstGeneration === 0 ? [] : [`${firstGeneration} of them first generation`]
  const clocks = drift === 0 ? [] : [`clocks ±${drift * 100} %`]
  return [`${peers} peers`, ...old, ...options, ...clocks, `seed ${seed}`].join(', ')
}

/** A moment of a schedule, ms. */
export function clockText(ms: number): string {
  return `${(ms / 1_000).toFixed(3).padStart(9)} s`
}

/** How messages fare. */
export function networkText({ latencyMs, lossChance, duplicateChance, reorderChance }: ScenarioNetwork): string {
  const chances = Object.entries({ lost: lossChance, doubled: duplicateChance, overtaken: reorderChance })
    .filter(([, chance]) => chance > 0)
    .map(([what, chance]) => `${Math.round(chance * 100)} % ${what}`)
  return [`network: ${latencyMs.min} to ${latencyMs.max} ms`, ...chances].join(', ')
}

function stepText(step: Exclude<Step, { do: 'wait' }>): string {
  switch (step.do) {
    case 'set':
      return `p${step.peer} sets ${JSON.stringify(step.key)} = ${valueText(step.value)}${step.ttlMs === undefined ? '' : ` for ${step.ttlMs} ms`}`
    case 'delete':
      return `p${step.peer} deletes ${JSON.stringify(step.key)}`
    case 'cut':
      return `the way from p${step.from} to p${step.to} is cut${step.oneWay ? '' : ', and back'}`
    case 'partition':
      return partitionText(step.side)
    case 'heal':
      return 'all ways are open again'
    case 'crash':
      return `p${step.peer} crashes, its disk is ${step.disk}`
    case 'restart':
      return `p${step.peer} starts again`
    case 'leave':
      return `p${step.peer} leaves`
    case 'join':
      return 'another peer joins'
    case 'stall':
      return `p${step.peer} does nothing for ${step.ms} ms`
    case 'clock':
      return `the wall clock of p${step.peer} jumps by ${step.ms} ms`
    case 'limit':
      return `messages over ${step.bytes} bytes are lost from here on`
    case 'corrupt':
      return `${Math.round(step.chance * 100)} % of messages arrive damaged from here on`
    case 'twin':
      return `a second process runs as p${step.peer}`
  }
}

/** Who is on which side. */
export function partitionText(side: number): string {
  return `partition: sides ${side.toString(2)} (the last digit is p0)`
}

function valueText(value: JsonValue): string {
  const text = JSON.stringify(value)
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}… (${text.length} characters)` : text
}
