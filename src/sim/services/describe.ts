/** A scenario of messages, streams and rings as a person reads it. */

import { clockText, networkText, partitionText } from '../scenario/index.ts'
import { MEETING_MS, type ServiceScenario, type ServiceStep } from './scenario.ts'

/** Lines of text: the cluster first, then each step with its time. */
export function describeServiceScenario({ peers, seed, network, steps }: ServiceScenario): string {
  const lines = [`${peers} peers, seed ${seed}`, networkText(network), `${clockText(0)}  all start`]
  let now = MEETING_MS
  for (const step of steps) {
    if (step.do === 'wait') now += step.ms
    else lines.push(`${clockText(now)}  ${stepText(step, peers)}`)
  }
  lines.push(`${clockText(now)}  peace`)
  return lines.join('\n')
}

type Told = Exclude<ServiceStep, { do: 'wait' }>

function stepText(step: Told, peers: number): string {
  const name = (number: number): string => `p${number % peers}`
  if ('from' in step && 'to' in step) return wayText(step, name(step.from), name(step.to))
  if ('peer' in step) return peerText(step, name(step.peer))
  switch (step.do) {
    case 'anyone':
      return `${name(step.from)} asks everybody for ${step.workMs} ms of work, the next after ${step.stallAfterMs} ms`
    case 'partition':
      return partitionText(step.side)
    case 'heal':
      return 'all ways are open again'
    case 'weather': {
      const [lost, doubled] = [step.lossChance, step.duplicateChance].map((chance) => Math.round(chance * 100))
      return `${lost} % of gossip are lost and ${doubled} % doubled from here on`
    }
  }
}

function wayText(step: Extract<Told, { from: number; to: number }>, from: string, to: string): string {
  switch (step.do) {
    case 'request': {
      const outcome = step.fails ? 'which fails' : 'and an answer'
      return `${from} asks ${to} for ${step.workMs} ms of work, ${outcome}, within ${step.timeoutMs} ms`
    }
    case 'send':
      return `${from} sends ${to} ${step.count} messages in one go, every other a request`
    case 'stream': {
      const end = step.stopAt === undefined ? '' : `, and destroys it after ${step.stopAt}`
      return `${from} streams ${step.bytes} bytes to ${to}, which streams ${step.back} back${end}`
    }
    case 'call':
      return `${from} connects to port ${step.port} of ${to}, and asks it`
    case 'pair':
      return `${from} asks ${to} to pair`
    case 'break':
      return `the session between ${from} and ${to} breaks`
    case 'cut':
      return `the way from ${from} to ${to} is cut${step.oneWay ? '' : ', and back'}`
  }
}

function peerText(step: Extract<Told, { peer: number }>, peer: string): string {
  switch (step.do) {
    case 'cancel':
      return `${peer} gives up the oldest request it waits for`
    case 'open':
      return `${peer} opens port ${step.port}`
    case 'close':
      return `${peer} closes port ${step.port}`
    case 'release':
      return `${peer} releases its pair`
    case 'crash':
      return `${peer} crashes${step.silent ? ', and nobody is told' : ''}`
    case 'restart':
      return `${peer} starts again`
    case 'leave':
      return `${peer} closes, and says goodbye`
    case 'pause':
      return `${peer} does nothing for ${step.ms} ms`
  }
}
