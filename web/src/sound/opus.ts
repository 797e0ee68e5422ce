// libopus as WebAssembly: a file of its own, since only browsers without WebCodecs load it.
export { OpusDecoder } from 'opus-decoder';
