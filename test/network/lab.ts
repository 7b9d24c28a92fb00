/**
 * A laboratory of hosts: every node in a network namespace of its own, joined by a bridge in one more, so that packets
 * can be cut and lost between real processes. Nothing outside these namespaces is touched, and they are all deleted.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Where a packet is dropped: at the receiving host, from one other or from all. */
export interface Drop {
  readonly at: number
  /** From this host only; from everybody if left out. */
  readonly from?: number | undefined
  /** Chance of each packet, 0 to 1. @defaultValue 1 */
  readonly chance?: number | undefined
}

const SUBNET = '10.77.0'

/** Why there can be no laboratory here; undefined if there can. */
export function labProblem(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a matter of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces take root'
  for (const tool of ['ip', 'iptables']) {
    if (spawnSync(tool, ['-V']).error !== undefined) return `${tool} is not installed (Debian: iproute2, iptables)`
  }
  const probe = `gmprobe${process.pid}`
  const made = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' })
  if (made.status !== 0) return `no network namespace can be made: ${made.stderr.trim()}`
  const rules = ['-A', 'INPUT', '-m', 'statistic', '--mode', 'random', '--probability', '0.5', '-j', 'DROP']
  const ruled = spawnSync('ip', ['netns', 'exec', probe, 'iptables', ...rules], { encoding: 'utf8' })
  spawnSync('ip', ['netns', 'del', probe])
  return ruled.status === 0 ? undefined : `iptables cannot drop packets here: ${ruled.stderr.trim()}`
}

/** Hosts 1 to `hosts`, reachable from each other at {@link Lab.addressOf}. */
export class Lab {
  readonly #prefix: string
  readonly #hosts: number

  /** @param name - one to six letters, unique in the process */
  constructor(name: string, hosts: number) {
    this.#prefix = `gm${process.pid}${name}`
    this.#hosts = hosts
    deleteAbandoned()
    try {
      this.#build()
    } catch (error) {
      this.delete()
      throw error
    }
  }

  /** Where a host is. */
  addressOf(host: number): string {
    return `${SUBNET}.${host}`
  }

  /** The words to put before a command that is to run on a host. */
  commandOn(host: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.#namespaceOf(host)]
  }

  /** Drops packets from now on, beside those that are dropped already. */
  drop({ at, from, chance = 1 }: Drop): void {
    const source = from === undefined ? [] : ['-s', this.addressOf(from)]
    const dice = chance < 1 ? ['-m', 'statistic', '--mode', 'random', '--probability', `${chance}`] : []
    this.#on(at, 'iptables', '-A', 'INPUT', '-i', 'eth0', ...source, ...dice, '-j', 'DROP')
  }

  /** Cuts all packets between two groups, both ways. */
  split(some: readonly number[], others: readonly number[]): void {
    for (const one of some) {
      for (const other of others) {
        this.drop({ at: one, from: other })
        this.drop({ at: other, from: one })
      }
    }
  }

  /** Lets everything through again. */
  heal(): void {
    for (let host = 1; host <= this.#hosts; host++) this.#on(host, 'iptables', '-F', 'INPUT')
  }

  /** Deletes everything, whatever there is of it. */
  delete(): void {
    for (let host = 0; host <= this.#hosts; host++) spawnSync('ip', ['netns', 'del', this.#namespaceOf(host)])
  }

  /** Host 0 is the switch. */
  #build(): void {
    ip('netns', 'add', this.#namespaceOf(0))
    this.#on(0, 'ip', 'link', 'add', 'bridge0', 'type', 'bridge')
    this.#on(0, 'ip', 'link', 'set', 'bridge0', 'up')
    for (let host = 1; host <= this.#hosts; host++) this.#addHost(host)
  }

  #addHost(host: number): void {
    const [name, port] = [this.#namespaceOf(host), `port${host}`]
    ip('netns', 'add', name)
    this.#on(0, 'ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    this.#on(0, 'ip', 'link', 'set', port, 'master', 'bridge0', 'up')
    this.#on(host, 'ip', 'addr', 'add', `${this.addressOf(host)}/24`, 'dev', 'eth0')
    this.#on(host, 'ip', 'link', 'set', 'eth0', 'up')
    this.#on(host, 'ip', 'link', 'set', 'lo', 'up')
  }

  #on(host: number, command: string, ...words: string[]): void {
    ip('netns', 'exec', this.#namespaceOf(host), command, ...words)
  }

  #namespaceOf(host: number): string {
    return `${this.#prefix}${host}`
  }
}

/** A run that was killed could not clean up; its name says which process it was. */
function deleteAbandoned(): void {
  const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout
  for (const [name, pid] of listed.matchAll(/^gm(\d+)[a-z]+\d+/gm)) {
    if (!existsSync(`/proc/${pid}`)) spawnSync('ip', ['netns', 'del', name])
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
}
