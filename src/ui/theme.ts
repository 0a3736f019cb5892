/** Mantine themed by our tokens: sizes, one accent, one neutral scale, quiet motion. The colours' source is tokens.css. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#eef7f7', '#d6eaea', '#a9d3d4', '#78babd', '#4fa3a8', '#33898f', '#1f7278', '#145e64', '#0d4b50', '#083a3e',
];
const gray: MantineColorsTuple = [
  '#f6f7f7', '#eef1f1', '#dfe4e5', '#c3cbce', '#a3adb1', '#667277', '#5e6a70', '#465157', '#2b3438', '#14191b',
];
const dark: MantineColorsTuple = [
  '#e9edee', '#b4bec3', '#95a1a7', '#8d999f', '#3d484e', '#283136', '#1c2327', '#151a1d', '#0f1315', '#0b0e10',
];

export const theme = createTheme({
  fontFamily: 'var(--e-sans)',
  fontFamilyMonospace: 'var(--e-mono)',
  colors: { teal, gray, dark },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 6,
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '28px', lineHeight: '1.3' },
      h2: { fontSize: '20px', lineHeight: '1.4' },
      h3: { fontSize: '16px', lineHeight: '1.5' },
      h4: { fontSize: '14px', lineHeight: '1.5' },
    },
  },
  components: {
    // What a button does may be long in either language: it breaks rather than be cut.
    Button: {
      defaultProps: { size: 'sm', fw: 500 },
      styles: {
        // As high as its words: what a fixed height would centre, the box itself has to.
        root: {
          height: 'auto', minHeight: 'var(--button-height)', maxWidth: '100%', paddingBlock: 4,
          display: 'inline-flex', alignItems: 'center', justifyContent: 'center',
        },
        label: { whiteSpace: 'normal', height: 'auto', overflow: 'visible', lineHeight: 1.35 },
      },
    },
    NativeSelect: { styles: { input: { textOverflow: 'ellipsis' } } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 150, transitionProps: { duration: 120 } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } },
    Modal: {
      styles: { title: { fontWeight: 600, fontSize: '16px', overflowWrap: 'anywhere' } },
      defaultProps: { transitionProps: { duration: 160 }, centered: false, radius: 8 },
    },
  },
});
