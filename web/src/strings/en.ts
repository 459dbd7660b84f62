// Every word of the screen in English; see fr.ts.

import type { Strings } from './fr';
import { englishCount as counted } from './plural';

export const en: Strings = {
  title: 'Clairscore',
  documentTitle: (id) => `Customer ${id} · Clairscore`,
  skip: 'Go to the file',

  bar: {
    language: 'Language',
    light: 'light',
    dark: 'dark',
    toTheme: (name) => `Switch to the ${name} appearance`,
    helpKey: 'Help (? key)',
    printKey: 'Print (P key)',
    borderline: 'To review',
    borderlineTip: 'Files near the threshold, the nearest first (E key)',
    list: 'List',
    listTip: 'Search and filter files (L key)',
  },

  picker: {
    label: 'Customer',
    keys: 'Type the beginning or a part of the identifier. Arrows to browse, Enter to choose, Escape to close. The / key leads back here.',
    list: 'Customers',
    loading: 'Loading…',
    shown: 'shown',
    none: (query) => `No customer whose identifier contains “${query}”.`,
    found: (count) => (count === '0' ? 'No customer' : counted(count, 'customer', 'customers')),
    previous: 'Previous customer',
    previousTip: 'Previous customer (←)',
    next: 'Next customer',
    nextTip: 'Next customer (→)',
    position: (position, count) => `${position} / ${count}`,
    positionSpoken: (position, count) => `Customer ${position} of ${count}`,
    outside: (count) => `not in list / ${count}`,
  },

  worklist: {
    heading: 'Worklist',
    all: 'All files',
    queue: 'Queue of files near the threshold',
    close: 'Close the list',
    clear: 'Clear the filters',
    filters: 'Filters',
    advice: 'The model’s advice',
    any: 'any',
    distance: 'Distance to threshold, at most',
    min: 'Lowest score',
    max: 'Highest score',
    order: 'Order',
    orders: {
      file: 'as in the data',
      borderline: 'nearest to the threshold first',
      lowest: 'lowest score first',
      highest: 'highest score first',
    },
    add: 'Filter on',
    addNone: 'add a condition…',
    value: 'Value',
    from: 'From',
    to: 'To',
    missing: 'no value',
    apply: 'Add',
    remove: (text) => `Remove the filter ${text}`,
    total: (count) =>
      count === '0' ? 'No file meets these conditions.' : `${counted(count, 'file', 'files')}.`,
    follow: 'The arrows ← and → follow this list.',
    page: (from, to, total) => `${from} to ${to} of ${total}`,
    before: 'Previous page',
    after: 'Next page',
  },

  customer: {
    heading: (id) => `Customer ${id}`,
    announce: (id, advice, score) => `Customer ${id}. ${advice}. Score ${score}.`,
    dataOf: 'Data of',
    dataLoaded: 'Data loaded on',
  },

  advice: {
    favourable: 'Favourable advice',
    unfavourable: 'Unfavourable advice',
    review: 'To review',
    short: { favourable: 'favourable', unfavourable: 'unfavourable', review: 'to review' },
    before: 'The model places this file ',
    below: (points) => `${counted(points, 'point', 'points')} below the threshold`,
    above: (points) => `${counted(points, 'point', 'points')} above the threshold`,
    at: 'exactly at the threshold',
    inZone: (advice) => `, within the review zone (${advice} advice).`,
    after: '.',
    human: ' The decision is yours.',
    manual:
      'A factor that is protected or has nothing to do with credit is among the first: have this file looked at again.',
  },

  score: {
    chart: (score, threshold, low, high) =>
      `Score of ${counted(score, 'point', 'points')} on a scale from ${low} to ${high}, threshold at ${threshold}.`,
    threshold: (value) => `Threshold ${value}`,
    zone: (value) => `review zone ±${value}`,
    scale: (doubling) =>
      `The higher the score, the more favourable the advice; ${counted(doubling, 'point more doubles', 'points more double')} the odds.`,
    scaleOfProbability:
      'The higher the score, the more favourable the advice; a point is a thousandth of the model’s output.',
    gauge: 'The original gauge, in percent',
    gaugeAlt: (score, threshold) =>
      `Half-circle gauge from 0 to 100: score ${score}, threshold ${threshold}.`,
    gaugeOutOf: 'out of 100',
    gaugeThreshold: (value) => `Threshold ${value}`,
    gaugeHelp: 'The same answer of the model on the scale of the original system.',
  },

  reasons: {
    heading: 'Why this advice',
    against: 'What weighs against the file',
    favour: 'What speaks for it',
    noneAgainst: 'Nothing clearly weighs against this file.',
    noneFavour: 'Nothing clearly speaks for it.',
    reference: (value) => `usual ${value}`,
    sameAsReference: 'as is usual',
    missing: (label) => `${label}: not stated`,
    category: (label, category) => `${label}: ${category}`,
    low: (label) => `${label}: low value`,
    high: (label) => `${label}: high value`,
    usual: (label) => `${label}: usual value`,
    points: (points) => counted(points, 'pt', 'pts'),
    slight: '< 1 pt',
    lowers: (points) => `lowers the score by ${counted(points, 'point', 'points')}`,
    raises: (points) => `raises the score by ${counted(points, 'point', 'points')}`,
    lowersSlightly: 'lowers the score by less than a point',
    protected: 'Protected factor',
    unrelated: 'Nothing to do with credit',
    sum: {
      base: (value) => `Starting point ${value}`,
      above: (count, value) => `${counted(count, 'factor', 'factors')} above ${value}`,
      others: (value) => `other factors ${value}`,
      score: (value) => `score ${value}`,
    },
    notCauses: 'These are statistical links, not causes.',
    referenceHelp:
      'Usual: the middle value of the files with favourable advice, or the most frequent one.',
    otherMethod:
      'These contributions come from the file shipped with the data, not from this server’s computation.',
  },

  standing: {
    heading: 'Where this customer stands',
    input: 'Factor',
    strongest: (label) => `Main reason: ${label}`,
    higherThan: 'Higher than ',
    lowerThan: 'Lower than ',
    ofFiles: ' of the files',
    andAccepted: ', and than ',
    ofAccepted: ' of the files with favourable advice.',
    among: (share, accepted) =>
      `${share} of the files have this value, and ${accepted} of the files with favourable advice.`,
    missing: (label) => `${label}: this customer is not on the chart.`,
    client: 'customer',
    median: 'median',
    chart: (label) => `Distribution: ${label}`,
    legendAll: 'all files',
    legendAccepted: 'of which favourable advice',
    beyond: (below, above) => `Outside the frame: ${below} lower, ${above} higher.`,
    missingCount: (count) => `${count} without a value.`,
    table: 'Distribution as a table',
    columns: {
      from: 'From',
      to: 'to',
      value: 'Value',
      count: 'Files',
      accepted: 'Favourable advice',
    },
    others: (count) => `other values (${count})`,
  },

  similar: {
    heading: 'Similar files',
    sentence: (favourable, total) =>
      `${counted(total, 'file that the model judges', 'files that the model judges')} for the same reasons, ${favourable === 0 ? 'none' : favourable} of which with favourable advice.`,
    columns: { client: 'Customer', advice: 'Advice', score: 'Score', differs: 'What differs most' },
    waiting: 'Similar files are being computed; they will appear by themselves.',
    differs: (label, value) => `${label}: ${value}`,
  },

  further: {
    heading: 'To go further',
    bivariate: 'Two factors together',
    waterfall: 'All contributions (waterfall)',
    importance: 'Global importance',
    dependence: 'Effect of a factor',
    model: 'Model card',
  },

  waterfall: {
    sentence: (base, score, up, down) =>
      `The model starts from ${counted(base, 'point', 'points')}; what raises adds ${up}, what lowers takes away ${down}: ${score}.`,
    chart: (count) =>
      `Waterfall of the contributions, from the starting point to the score, in ${counted(count, 'step', 'steps')}`,
    base: 'Starting point',
    score: 'Score',
    threshold: (value) => `Threshold ${value}`,
    others: (count) => counted(count, 'other factor', 'other factors'),
    lower: '← lowers the score',
    higher: 'raises the score →',
    table: 'All contributions as a table',
    rest: 'Left over by rounding',
    columns: {
      input: 'Factor',
      value: 'Customer’s value',
      reference: 'Usual',
      points: 'Points',
    },
    scale: {
      'log-odds': 'The sum is exact on the scale of log-odds (the logarithm of the odds).',
      probability: 'The sum is exact on the scale of the model’s output, between 0 and 1.',
    },
    word: (points) => (points > 0 ? '▲ raises' : points < 0 ? '▼ lowers' : ''),
  },

  importance: {
    own: 'Chart',
    picture: 'SHAP picture',
    sentence: (first, second, third) =>
      `What makes scores differ most: ${first}, ${second} and ${third}.`,
    sample: (sample, total) =>
      `A dot is a file (${sample} taken from ${total}). To the right, the factor raises its score; to the left, it lowers it. Click a dot to open the file.`,
    chart: 'Global importance: one dot for each file and factor',
    low: 'low value',
    high: 'high value',
    noOrder: 'text or no value',
    here: 'this customer',
    point: (id, points) => `Customer ${id}: ${counted(points, 'point', 'points')}`,
    table: 'Importance as a table',
    columns: { input: 'Factor', mean: 'Mean size (points)', client: 'This customer (points)' },
    alt: 'Beeswarm chart of SHAP values: one row for each feature, the most important on top; each dot is a file, coloured by the value. To the right of zero, the feature raises the estimated risk.',
    pictureHelp:
      'In this picture the direction is the model’s: to the right, the factor raises the estimated risk, and so lowers the score.',
    alone: 'Open the picture by itself, in another tab',
    absent: 'No picture of global importance is shipped with these data.',
    waiting: 'The contributions of all files are being computed…',
  },

  dependence: {
    input: 'Factor',
    sentence: (label, low, high) =>
      `Depending on its value, “${label}” moves the score by ${low} to ${counted(high, 'point', 'points')}.`,
    client: (value, points) =>
      `For this customer: ${value}, ${counted(points, 'point', 'points')}.`,
    sample: (sample, total) => `${counted(sample, 'file', 'files')} taken from ${total}.`,
    chart: (label) => `Points brought to the score by the value of: ${label}`,
    axis: 'points',
    table: 'Effect as a table',
    columns: {
      value: 'Value',
      files: 'Files',
      mean: 'Points on average',
      range: 'from lowest to highest',
    },
    missing: 'no value',
  },

  bivariate: {
    x: 'Horizontal axis',
    y: 'Vertical axis',
    sentence: (x, xShare, y, yShare) =>
      `This customer: ${x} (higher than ${xShare} of the files) and ${y} (higher than ${yShare}).`,
    population: (count) => `${counted(count, 'file', 'files')} where both values are stated.`,
    noClient: (label) => `${label}: this customer is not on the chart.`,
    empty: 'No file states both values.',
    chart: (x, y) =>
      `Scatter chart: ${y} against ${x}. Arrows to move, plus and minus to zoom, zero to see everything.`,
    controls: 'View of the scatter chart',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    left: 'To the left',
    right: 'To the right',
    up: 'Upwards',
    down: 'Downwards',
    reset: 'See everything',
    clientLegend: 'this customer',
    otherLegend: 'a file',
    table: 'Summary of the chart as a table',
    statistic: 'Statistic',
    rows: {
      client: '◇ This customer',
      minimum: 'Minimum',
      q1: '1st quartile',
      median: 'Median',
      q3: '3rd quartile',
      maximum: 'Maximum',
    },
  },

  choose: {
    main: 'Main',
    others: 'Others',
  },

  model: {
    sentence: (estimator, inputs, rows) =>
      `${estimator}, ${counted(inputs, 'input factor', 'input factors')}, ${counted(rows, 'file', 'files')} scored.`,
    rows: {
      estimator: 'Model',
      file: 'File',
      hash: 'SHA-256 fingerprint',
      commit: 'Model version (Hub)',
      trained: 'Saved on',
      library: 'Library',
      threshold: 'Threshold (model output)',
      data: 'Data',
      dataCommit: 'Data version (Hub)',
      dataHash: 'SHA-256 of the data',
      loaded: 'Loaded on',
      explanations: 'Contributions',
      parity: 'Compared with the shipped file',
      points: 'Points',
      dictionary: 'Dictionary',
    },
    live: 'computed for each file (exact TreeSHAP)',
    file: 'those of the shipped file, made by another method',
    parity: {
      no_file: 'no file shipped',
      equal: 'equal',
      different: 'different, but they add up',
      not_additive: 'they do not add up: the server’s own are served',
      unreadable: 'the file cannot be read',
      other_shape: 'a file made for other rows',
    },
    checked: (rows) => `${counted(rows, 'file', 'files')} compared`,
    checking: 'under way',
    points: (threshold, zone) => `threshold at ${threshold}, review within ±${zone}`,
    local: 'local file',
    unit: 'The model’s score is not a probability of default.',
    noDictionary: 'none',
    noOutcome:
      'The outcomes of these files are not known: neither error rates nor calibration can be computed here.',
    docs: 'API documentation',
  },

  help: {
    heading: 'Help',
    close: 'Close',
    keys: 'By keyboard',
    rows: [
      ['/', 'search for a customer'],
      ['← →', 'previous, next customer'],
      ['L', 'open or close the list and its filters'],
      ['E', 'go through the files to review'],
      ['P', 'print this page'],
      ['?', 'this help'],
      ['Esc', 'close what is open'],
    ],
    cloud: 'In the scatter chart: arrows, + and −, 0.',
    reading: 'How to read the page',
    notes: [
      'The score is in points; the higher, the more favourable the advice. The threshold always stands in the same place.',
      '▲ blue: raises the score. ▼ vermilion: lowers it. ● sand: near the threshold, to review.',
      'The diamond always is this customer.',
      'The model advises. It does not decide: the decision is yours.',
      'Factors are statistical links, not causes, and the score is not a probability of default.',
    ],
    share: 'The address of the page says everything it shows: send it to a colleague.',
  },

  access: {
    heading: 'Protected access',
    help: 'This server asks for an access token. Whoever runs it can give you one.',
    kept: 'It stays in this tab, and is gone when you close it.',
    label: 'Access token',
    show: 'Show the token',
    open: 'Open',
    trying: 'Checking…',
    cancel: 'Cancel',
    give: 'Give a token',
    unknown: 'The server does not know this token. Check that it is complete.',
    forbidden: 'The server knows this token, but it does not allow seeing files.',
    forget: 'Forget the access token',
    closed: 'This server is not open to you.',
  },

  print: {
    commit: (commit) => `version ${commit}`,
    undated: (commit) => `version ${commit}, of unknown date`,
    fileHash: (hash) => `a file without version, SHA-256 ${hash}`,
    unhashed: 'a file without version, SHA-256 being computed',
    printed: (when) => `Printed on ${when}`,
    threshold: (value, points) => `Threshold ${value} (${counted(points, 'point', 'points')})`,
  },

  status: {
    starting: 'The service is starting',
    step: (step) => `Current step: ${step}`,
    download: 'Download',
    downloaded: (done, total, files, allFiles) =>
      `${done} of ${total}, ${files} of ${counted(allFiles, 'file', 'files')}`,
    rate: (rate) => `${rate}/s`,
    bytes: ['B', 'kB', 'MB', 'GB'],
    problem: (problem) =>
      `Waiting: ${problem}. It tries again by itself, and this page will open by itself.`,
    refused: 'What is on the Hub cannot be served:',
    refusedHelp:
      'A newer version will be tried as soon as it appears; this page will then open by itself.',
    newer: 'Newer data are available.',
    showNewer: 'Show them',
    gone: 'The server does not answer',
    goneHelp: 'What is shown stays. Another try every second.',
    notFound: (id) => `Customer ${id} is not in these data.`,
    notFoundHelp: 'Choose an identifier from the list at the top of the page.',
    firstCustomer: 'Open the first customer',
    noCustomers: 'These data hold no customer.',
    failed: 'The server answered with an error.',
    detail: (detail) => `Answer: ${detail}`,
    retry: 'Try again',
    loading: 'Loading…',
  },

  footer: {
    model: (hash) => `Model ${hash}`,
    data: (commit) => `Data ${commit}`,
    threshold: (value) => `threshold ${value}`,
    customers: (count) => counted(count, 'file', 'files'),
    skipped: (count) => `${counted(count, 'row', 'rows')} left out when loading`,
    live: 'Exact explanation, computed for this file',
    file: 'Explanation of the shipped file',
    checking: 'comparison with the shipped file under way',
    warning: 'Warning about the file of explanations',
  },

  value: {
    missing: 'not stated',
  },

  format: {
    percent: (text) => `${text}%`,
    lessThanOnePercent: 'less than 1%',
    moreThan99Percent: 'more than 99%',
    days: (count) => counted(count, 'day', 'days'),
    months: (count) => counted(count, 'month', 'months'),
    years: (count) => counted(count, 'year', 'years'),
    yearsMonths: (years, months) =>
      `${counted(years, 'year', 'years')} ${counted(months, 'month', 'months')}`,
    hour: (text) => `${text}:00`,
    aYear: (text: string) => `${text}\u00a0a\u00a0year`,
  },
};
