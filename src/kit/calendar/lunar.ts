/**
 * The Vietnamese lunisolar calendar, computed: months begin on the day of the astronomical new moon at UTC+7, the month
 * of the winter solstice is the eleventh, and the first month without a major solar term is a leap month. New moons and
 * the sun's longitude by the series of Meeus, good to minutes, which decides the day but for a moon at the stroke of
 * midnight; `calendar.test.ts` holds the table of published years.
 */

const eastHours = 7;
const synodic = 29.530588853;
/** Julian day of the new moon that is numbered 0. */
const epoch = 2415021.076998695;
const radians = Math.PI / 180;

/** Julian day number of a day of the Gregorian calendar. */
function julianDay(year: number, month: number, day: number): number {
  return Math.floor(Date.UTC(year, month - 1, day) / 86_400_000) + 2440588;
}

function isoOfJulian(julian: number): string {
  return new Date((julian - 2440588) * 86_400_000).toISOString().slice(0, 10);
}

/** Local day on which the new moon of number k falls. */
function newMoonDay(k: number): number {
  const t = k / 1236.85;
  const [t2, t3] = [t * t, t * t * t];
  const mean = 2415020.75933 + 29.53058868 * k + 0.0001178 * t2 - 0.000000155 * t3
    + 0.00033 * Math.sin((166.56 + 132.87 * t - 0.009173 * t2) * radians);
  const sun = (359.2242 + 29.10535608 * k - 0.0000333 * t2 - 0.00000347 * t3) * radians;
  const moon = (306.0253 + 385.81691806 * k + 0.0107306 * t2 + 0.00001236 * t3) * radians;
  const node = (21.2964 + 390.67050646 * k - 0.0016528 * t2 - 0.00000239 * t3) * radians;
  const correction = (0.1734 - 0.000393 * t) * Math.sin(sun) + 0.0021 * Math.sin(2 * sun) - 0.4068 * Math.sin(moon)
    + 0.0161 * Math.sin(2 * moon) - 0.0004 * Math.sin(3 * moon) + 0.0104 * Math.sin(2 * node)
    - 0.0051 * Math.sin(sun + moon) - 0.0074 * Math.sin(sun - moon) + 0.0004 * Math.sin(2 * node + sun)
    - 0.0004 * Math.sin(2 * node - sun) - 0.0006 * Math.sin(2 * node + moon) + 0.001 * Math.sin(2 * node - moon)
    + 0.0005 * Math.sin(2 * moon + sun);
  // Terrestrial time runs ahead of the clocks.
  const ahead = -0.000278 + 0.000265 * t + 0.000262 * t2;
  return Math.floor(mean + correction - ahead + 0.5 + eastHours / 24);
}

/** Which twelfth of its yearly way the sun is in at the local midnight that begins a day: 0 from the spring equinox. */
function solarTwelfth(day: number): number {
  const t = (day - 0.5 - eastHours / 24 - 2451545) / 36525;
  const anomaly = (357.5291 + 35999.0503 * t - 0.0001559 * t * t - 0.00000048 * t * t * t) * radians;
  const centre = (1.9146 - 0.004817 * t - 0.000014 * t * t) * Math.sin(anomaly)
    + (0.019993 - 0.000101 * t) * Math.sin(2 * anomaly) + 0.00029 * Math.sin(3 * anomaly);
  const longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t * t + centre;
  return Math.floor((((longitude % 360) + 360) % 360) / 30);
}

/** First day of the eleventh month, that of the winter solstice, of a Gregorian year. */
function eleventhMonth(year: number): number {
  const k = Math.floor((julianDay(year, 12, 31) - epoch) / synodic);
  const start = newMoonDay(k);
  return solarTwelfth(start) >= 9 ? newMoonDay(k - 1) : start;
}

/** How many months after the eleventh the leap month stands, in a year of thirteen months. */
function leapAfter(eleventh: number): number {
  const k = Math.floor((eleventh - epoch) / synodic + 0.5);
  let last = solarTwelfth(newMoonDay(k + 1));
  for (let i = 2; i < 14; i++) {
    const twelfth = solarTwelfth(newMoonDay(k + i));
    if (twelfth === last) return i - 1;
    last = twelfth;
  }
  return 13;
}

/** The Gregorian day (`YYYY-MM-DD`) of a day of an ordinary lunar month; `year` is that of the month's New Year. */
export function solarDay(year: number, month: number, day: number): string {
  const before = month < 11 ? year - 1 : year;
  const [from, to] = [eleventhMonth(before), eleventhMonth(before + 1)];
  const k = Math.floor(0.5 + (from - epoch) / synodic);
  const steps = (month - 11 + 12) % 12;
  const late = to - from > 365 && steps >= leapAfter(from) ? 1 : 0;
  return isoOfJulian(newMoonDay(k + steps + late) + day - 1);
}

/** First day of the lunar year, Tết Nguyên đán, that falls in a Gregorian year. */
export function newYearDay(year: number): string {
  return solarDay(year, 1, 1);
}
