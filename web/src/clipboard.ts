/** Copies a text. On plain http from another machine a browser has no clipboard object, only the old way. */
export async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const area = document.createElement('textarea');
        area.value = text;
        area.className = 'unseen';
        (document.querySelector('dialog[open]') ?? document.body).append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        return done;
    }
}
