// The views, in the order of the navigation. A new one is a file and a line here.
import type { View } from './app';
import type { IconName } from './dom';
import map from './views/map';
import messages from './views/messages';
import now from './views/now';
import sound from './views/sound';
import spectrum from './views/spectrum';

export const views: readonly { name: string; icon: IconName; view: View }[] = [
    { name: 'now', icon: 'now', view: now },
    { name: 'spectrum', icon: 'spectrum', view: spectrum },
    { name: 'map', icon: 'map', view: map },
    { name: 'messages', icon: 'messages', view: messages },
    { name: 'sound', icon: 'sound', view: sound },
];
