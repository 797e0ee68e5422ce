// What this browser keeps for the page, by key. Storage may be forbidden: then nothing is there, and what is
// kept holds for this tab only.

export function load(key: string): Record<string, unknown> {
    try {
        const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
        return typeof kept === 'object' && kept !== null ? kept as Record<string, unknown> : {};
    } catch {
        return {};
    }
}

export function save(key: string, value: object): void {
    try {
        localStorage.setItem(key, JSON.stringify(value));
    } catch {
        // it holds for this tab
    }
}
