// Keys. A view adds its own; `?` lists what is there.
export interface Key {
    key: string; // as KeyboardEvent.key
    what: string;
    run: (event: KeyboardEvent) => void;
    shown?: string; // how it is written in the list, if not `key`
}

function typing(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable);
}

export class Keys {
    private readonly sets: { title: string; keys: Key[] }[] = [];

    constructor() {
        addEventListener('keydown', event => {
            if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
            if (typing(event.target) || document.querySelector('dialog[open]')) return;
            for (const { keys } of [...this.sets].reverse()) {
                const hit = keys.find(k => k.key === event.key);
                if (!hit) continue;
                event.preventDefault();
                hit.run(event);
                return;
            }
        });
    }

    /** Adds keys; the result removes them. */
    add(title: string, keys: Key[]): () => void {
        const set = { title, keys };
        this.sets.push(set);
        return () => {
            this.sets.splice(this.sets.indexOf(set), 1);
        };
    }

    list(): readonly { title: string; keys: Key[] }[] {
        return this.sets;
    }
}
