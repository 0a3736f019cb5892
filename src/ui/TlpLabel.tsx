/** FIRST's TLP 2.0 labels in their prescribed colours on black. */
const colour: Readonly<Record<string, string>> = {
  RED: '#ff2b2b', AMBER: '#ffc000', 'AMBER+STRICT': '#ffc000', GREEN: '#33ff00', CLEAR: '#ffffff',
};

export function TlpLabel({ label }: { readonly label: string }) {
  return (
    <span
      translate="no"
      style={{
        background: '#000', color: colour[label] ?? '#fff', padding: '1px 6px', borderRadius: 3, fontWeight: 600,
        fontFamily: 'var(--e-mono)', fontSize: 12, whiteSpace: 'nowrap', lineHeight: '18px', display: 'inline-block',
      }}
    >
      TLP:{label}
    </span>
  );
}
