export { isLoopbackHost, isLoopbackIp } from './loopback.ts'
