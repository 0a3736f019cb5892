/** Language, theme and the person's menu, at the right of the top bar. */
import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import {
  IconBrightnessAuto, IconCheck, IconKey, IconLanguage, IconLogout, IconMoon, IconSun, IconUser, IconUserCircle,
  IconUsers,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { partiesApi } from '#modules/parties/api';
import { useAct } from '#ui/asking';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { useSession } from './session.tsx';
import { speak } from './tongues.ts';

const tongues = [['en', 'English'], ['vi', 'Tiếng Việt']] as const;

export function TongueSwitch() {
  const { t, tongue } = useWords();
  const { i18n } = useTranslation();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('switch.language')}>
          <IconLanguage size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {tongues.map(([code, name]) => (
          <Menu.Item
            key={code} lang={code} onClick={() => void speak(i18n, code)}
            rightSection={code === tongue ? <IconCheck size={14} aria-label={t('switch.current')} /> : null}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const schemes: readonly (readonly [MantineColorScheme, typeof IconSun])[] = [
  ['light', IconSun], ['dark', IconMoon], ['auto', IconBrightnessAuto],
];

export function ThemeSwitch() {
  const { t } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Now = schemes.find(([name]) => name === colorScheme)?.[1] ?? IconSun;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('switch.theme')}>
          <Now size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(([name, Icon]) => (
          <Menu.Item
            key={name} onClick={() => setColorScheme(name)} leftSection={<Icon size={16} aria-hidden />}
            rightSection={name === colorScheme ? <IconCheck size={14} aria-label={t('switch.current')} /> : null}
          >
            {t(`switch.theme-${name}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Person() {
  const { t } = useWords();
  const { actor, mode } = useSession();
  const go = useGo();
  const queries = useQueryClient();
  const end = useAct(partiesApi['session.end']);
  if (!actor) return null;
  const leave = () => end.mutate({}, {
    onSuccess: () => {
      queries.clear();
      window.location.assign(mode === 'demo' ? '/continue' : '/sign-in');
    },
  });
  return (
    <Menu position="bottom-end" withinPortal width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('switch.person')}>
          <IconUserCircle size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{actor.person.name}</Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} aria-hidden />} onClick={() => go('/account')}>{t('nav.account')}</Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={() => go('/tokens')}>{t('nav.tokens')}</Menu.Item>
        {mode === 'demo' ? (
          <Menu.Item leftSection={<IconUsers size={16} aria-hidden />} onClick={() => go('/continue')}>
            {t('mandate.continue-as')}
          </Menu.Item>
        ) : null}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={leave}>{t('switch.sign-out')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
