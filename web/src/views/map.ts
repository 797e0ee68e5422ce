import type { View } from '../app';
import { h } from '../dom';

const view: View = {
    title: 'Map',
    mount(el) {
        el.append(h('p', { class: 'empty' }, 'Not there yet.'));
        return () => undefined;
    },
};
export default view;
