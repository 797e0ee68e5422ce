// The lines and objects of hertzd, as docs/messages.md and docs/control.md describe them: the members that
// the page uses. All objects may have more.

export interface Hello {
    kind: 'hello';
    schema: number;
    version: string;
    stream: string;
    seq: number;
}

export interface Copy {
    receiver: string;
    channel: string;
    snr_db: number;
}

export interface Message {
    seq: number;
    kind: 'message';
    time: string;
    receiver: string;
    channel: string;
    protocol: string;
    freq_hz: number;
    rssi_dbfs?: number;
    noise_dbfs?: number;
    snr_db?: number;
    offset_hz?: number;
    sample: number;
    fixed_bits?: number;
    raw?: string;
    simulated?: boolean;
    replayed?: boolean;
    heard?: Copy[];
    [protocol: string]: unknown;
}

/** A line of any kind. */
export interface Line {
    kind: string;
    seq?: number;
    [name: string]: unknown;
}

export interface Loop {
    longest_ms: number;
    over_10ms: number;
    busy_percent: number;
}

export interface Jobs {
    workers: number;
    in_flight: number;
    ready: number;
    ready_max: number;
    wait_mean_ms: number;
    wait_max_ms: number;
    busy_percent: number;
    cpu_s: number;
}

export interface Bus {
    stream: string;
    first_seq: number;
    next_seq: number;
    frames: number;
    max_frames: number;
    bytes: number;
    max_bytes: number;
    protocols: { protocol: string; frames: number; bytes: number; oldest_s: number }[];
}

export interface Listener {
    name: string;
    type: string;
    address: string;
    state: string;
    error: string;
    clients: number;
    [name: string]: unknown;
}

export interface Output {
    name: string;
    type: string;
    target: string;
    state: string;
    error: string;
    /** Of an output to files. */
    written?: number;
    /** Of a link. */
    sent?: number;
    lost: number;
    missed: number;
}

export interface Receiver {
    name: string;
    source: string;
    input: string;
    simulated?: boolean;
    replayed?: boolean;
    state: string;
    reason: string;
    state_age_s: number;
    format: string;
    rate_hz: number;
    centre_hz: number;
    air_s: number;
    device: string;
    last_error: string;
    tuning: string;
    gain_db: number | 'auto';
    ppm: number;
    bias_tee: boolean;
    failures: number;
    wedged: number;
    level_dbfs?: number;
    noise_dbfs?: number;
    clip_percent?: number;
    ppm_error?: number;
    ppm_heard?: number;
    pace?: string;
    tuner?: string;
    gains_db?: number[];
    gaps: number;
    lost_samples: number;
    last_block_age_s: number;
    channels: number;
    [name: string]: unknown;
}

export interface Channel {
    name: string;
    receiver: string;
    decoder: string;
    freq_hz: number;
    bandwidth_hz?: number;
    squelch_db?: number;
    state: string;
    error: string;
    messages: number;
    last_message_age_s?: number;
    level_dbfs?: number;
    noise_dbfs?: number;
    overruns: number;
    lost_samples: number;
    candidates?: Record<string, number>;
    [name: string]: unknown;
}

export interface Trouble {
    severity: 'error' | 'warning' | 'note';
    about: 'receiver' | 'channel' | 'listener' | 'output' | 'input' | 'daemon';
    name: string;
    what: string;
    remedy: string;
}

export interface Status {
    version: string;
    headline: string;
    uptime_s: number;
    memory_bytes: number;
    messages: number;
    clients: number;
    loop: Loop;
    jobs: Jobs;
    bus: Bus;
    listeners: Listener[];
    outputs: Output[];
    receivers: Receiver[];
    channels: Channel[];
    troubles?: Trouble[];
    [name: string]: unknown;
}

export interface WhoAmI {
    role: 'read' | 'control';
    version: string;
    needs_token: boolean;
    /** Address of a map server's pictures, and behind a blank who made them. */
    tiles?: string;
}
