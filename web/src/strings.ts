// Every word of the screen. French is the original's language; another language is another object of
// the same type. The space before a colon, a semicolon or a percent sign does not break (U+00A0), except
// in headings, which are looked for as they are written.

const plural = (count: number, one: string, many: string): string =>
  Math.abs(count) < 2 ? one : many;

/** The steps of the service's start; one that is not known here is shown as it came. */
function stepNames(step: string): string {
  const names: Record<string, string | undefined> = {
    'reading the model': 'lecture du modèle',
    'reading the applicants': 'lecture des dossiers',
    'testing the scores and contributions': 'vérification des scores et des contributions',
    'comparing the shipped contributions with live ones':
      'comparaison des contributions fournies avec celles calculées',
  };
  const scoring = /^scoring (\d+) applicants$/.exec(step);
  if (scoring) return `calcul des scores de ${scoring[1]} dossiers`;
  const hub = /^(asking the Hub for|downloading) (model|dataset) (.+)$/.exec(step);
  if (hub) {
    const what = hub[2] === 'model' ? 'du modèle' : 'des données';
    return hub[1] === 'downloading'
      ? `téléchargement ${what} ${hub[3]}`
      : `recherche ${what} ${hub[3]} sur le Hub`;
  }
  return names[step] ?? step;
}

export const fr = {
  title: "Dashboard d'analyse de risque de crédit",
  documentTitle: (id: string) => `Client ${id} · Dashboard d'analyse de risque de crédit`,
  skip: 'Aller au dossier',

  picker: {
    label: 'Sélectionnez un ID Client',
    shortcut: '/',
    keys: "Tapez le début ou une partie de l'identifiant. Flèches pour parcourir, Entrée pour choisir, Échap pour fermer. La touche / ramène ici.",
    list: 'Clients',
    loading: 'Chargement…',
    shown: 'affiché',
    none: (query: string) => `Aucun client dont l'identifiant contient «\u00a0${query}\u00a0».`,
    found: (count: number, text: string) =>
      count === 0 ? 'Aucun client' : `${text} ${plural(count, 'client', 'clients')}`,
    previous: 'Client précédent',
    previousTip: 'Client précédent (←)',
    next: 'Client suivant',
    nextTip: 'Client suivant (→)',
    position: (position: string, count: string) => `${position} / ${count}`,
    positionSpoken: (position: string, count: string) => `Client ${position} sur ${count}`,
  },

  customer: {
    heading: (id: string) => `Client : ${id}`,
    announce: (id: string, favourable: boolean, score: string) =>
      `Client ${id}. Avis du modèle : ${favourable ? 'favorable' : 'défavorable'}. Score ${score} sur 100.`,
    loading: (id: string) => `Chargement du client ${id}…`,
  },

  advice: {
    favourable: 'Avis du modèle : favorable',
    unfavourable: 'Avis du modèle : défavorable',
    sentence: (score: string, gap: string, above: boolean, threshold: string) =>
      `Score de ${score} sur 100, soit ${gap} ${above ? 'au-dessus' : 'au-dessous'} du seuil (${threshold}).`,
    atThreshold: (score: string) => `Score de ${score} sur 100, exactement au seuil.`,
    points: (text: string, value: number) => `${text} ${plural(value, 'point', 'points')}`,
    human: 'Le modèle conseille\u00a0; la décision vous appartient.',
  },

  gauge: {
    heading: 'Score de crédit',
    outOf: 'sur 100',
    threshold: 'Seuil',
    help: "Plus le score est haut, plus l'avis est favorable.",
    alt: (score: string, threshold: string, favourable: boolean) =>
      `Jauge en demi-cercle de 0 à 100\u00a0: score ${score}, seuil ${threshold}, avis ${favourable ? 'favorable' : 'défavorable'}.`,
    table: 'Score de crédit en tableau',
    rows: { score: 'Score', threshold: 'Seuil', gap: 'Écart au seuil', advice: 'Avis du modèle' },
    adviceWord: (favourable: boolean) => (favourable ? 'favorable' : 'défavorable'),
    item: 'Mesure',
    value: 'Valeur',
  },

  features: {
    heading: 'Caractéristiques principales',
    missing: 'non renseigné',
    missingSign: '—',
    median: (value: string) => `médiane ${value}`,
    higher: 'plus haut que la médiane',
    lower: 'plus bas que la médiane',
    equal: 'égal à la médiane',
  },

  contributions: {
    heading: 'Contribution des caractéristiques au score',
    local: 'Importance locale',
    global: 'Importance globale',
    sentence: (base: string, raw: string, unit: string) =>
      `Pour ce client, le modèle part de ${base} (valeur de base) et arrive à ${raw} (score brut), en ${unit}.`,
    against: 'augmente le risque estimé\u00a0: vers un avis défavorable',
    favour: 'diminue le risque estimé\u00a0: vers un avis favorable',
    direction:
      "Le sens est l'inverse de la jauge\u00a0: un score brut plus haut est moins favorable.",
    notCauses: 'Ce sont des liens statistiques, pas des causes.',
    units: {
      logOdds: 'log-odds (logarithme de la cote)',
      probability: 'probability_pos (sortie du modèle entre 0 et 1)',
      other: "unités du fichier d'explications fourni",
    },
    unitsShort: { logOdds: 'log-odds', probability: 'probability_pos', other: 'unités du fichier' },
    base: 'Valeur de base',
    raw: 'Score brut',
    threshold: (value: string) => `Seuil ${value}`,
    thresholdName: 'seuil',
    others: (count: number, text: string) =>
      `${text} ${plural(count, 'autre caractéristique', 'autres caractéristiques')}`,
    favourableSide: '← favorable',
    unfavourableSide: 'défavorable →',
    chart: (count: number) =>
      `Cascade des contributions, de la valeur de base au score brut, en ${count} étapes`,
    table: (count: string) => `Les ${count} contributions en tableau`,
    columns: {
      feature: 'Caractéristique',
      value: 'Valeur du client',
      contribution: 'Contribution',
      direction: 'Sens',
    },
    directionWord: (value: number) =>
      value > 0 ? '▲ défavorable' : value < 0 ? '▼ favorable' : 'sans effet',
    client: (value: string) => `client\u00a0: ${value}`,
    category: (label: string, category: string) => `${label}\u00a0: ${category}`,
  },

  global: {
    alt: "Graphique en essaim (beeswarm) des valeurs SHAP\u00a0: une ligne par caractéristique, de la plus à la moins importante pour l'ensemble des clients\u00a0; chaque point est un client, placé à droite de zéro quand la caractéristique augmente son risque estimé et à gauche quand elle le diminue, coloré selon la valeur de la caractéristique.",
    sentence:
      "Les caractéristiques qui pèsent le plus sur les scores de l'ensemble des clients, la plus importante en haut.",
    absent: "Aucune image d'importance globale n'est fournie avec ces données.",
    reading: 'Comment lire ce graphique',
    readingSteps: [
      "Chaque ligne est une caractéristique du modèle\u00a0; la plus importante pour l'ensemble des clients est en haut.",
      'Chaque point est un client. À droite de zéro, la caractéristique augmente son risque estimé (moins favorable)\u00a0; à gauche, elle le diminue.',
      'La couleur donne la valeur de la caractéristique chez ce client, de basse («\u00a0Low\u00a0») à haute («\u00a0High\u00a0»).',
      'La dernière ligne rassemble toutes les autres caractéristiques.',
      "Pour les valeurs exactes d'un client, ouvrez l'onglet «\u00a0Importance locale\u00a0» et son tableau.",
    ],
  },

  positioning: {
    heading: 'Positionnement du client',
    main: 'Principales',
    others: 'Autres',
    option: (label: string, name: string) => (label === name ? name : `${label} — ${name}`),
    client: 'client',
    clientLegend: 'ce client',
    otherLegend: 'un dossier',
    median: 'médiane',
    clientMissing: (label: string) =>
      `Ce client n'a pas de valeur renseignée pour «\u00a0${label}\u00a0»\u00a0: il n'apparaît pas sur le graphique.`,
    clientUnknown: (label: string) =>
      `La valeur de ce client pour «\u00a0${label}\u00a0» n'est pas disponible\u00a0: il n'apparaît pas sur le graphique.`,
  },

  distribution: {
    heading: "Distribution d'une caractéristique",
    select: 'Caractéristique',
    sentence: (client: string, median: string, below: string, same: string, above: string) =>
      `Ce client\u00a0: ${client}\u00a0; médiane ${median}. Tranches plus basses\u00a0: ${below} des dossiers, même tranche\u00a0: ${same}, plus hautes\u00a0: ${above}.`,
    below: (client: string, median: string) =>
      `Ce client\u00a0: ${client}, plus bas que tous les dossiers\u00a0; médiane ${median}.`,
    above: (client: string, median: string) =>
      `Ce client\u00a0: ${client}, plus haut que tous les dossiers\u00a0; médiane ${median}.`,
    noClient: (median: string) => `Médiane des dossiers\u00a0: ${median}.`,
    population: (count: string) => `${count} dossiers renseignés`,
    chart: (label: string) => `Histogramme\u00a0: ${label}`,
    table: 'Distribution en tableau',
    columns: { from: 'De', to: 'à', count: 'Dossiers', here: 'Ce client' },
    here: '◇ ici',
  },

  bivariate: {
    heading: 'Analyse bi-variée',
    x: 'Axe horizontal',
    y: 'Axe vertical',
    sentence: (x: string, xShare: string, y: string, yShare: string) =>
      `Ce client\u00a0: ${x} (plus haut que ${xShare} des dossiers) et ${y} (plus haut que ${yShare}).`,
    population: (count: string) => `${count} dossiers où les deux valeurs sont renseignées`,
    empty: 'Aucun dossier ne renseigne ces deux valeurs.',
    chart: (x: string, y: string) => `Nuage de points\u00a0: ${y} en fonction de ${x}`,
    table: 'Nuage résumé en tableau',
    columns: { statistic: 'Statistique' },
    rows: {
      client: '◇ Ce client',
      minimum: 'Minimum',
      q1: '1er quartile',
      median: 'Médiane',
      q3: '3e quartile',
      maximum: 'Maximum',
    },
  },

  status: {
    starting: 'Le service démarre',
    step: (step: string) => `Étape en cours\u00a0: ${stepNames(step)}`,
    download: 'Téléchargement',
    downloaded: (done: string, total: string, files: string) =>
      `${done} sur ${total}, ${files} fichiers`,
    rate: (rate: string) => `${rate}/s`,
    bytes: ['o', 'Ko', 'Mo', 'Go'],
    problem: (problem: string) =>
      `En attente\u00a0: ${problem}. Nouvel essai automatique, cette page s'ouvrira d'elle-même.`,
    newer: 'Des données plus récentes sont disponibles.',
    showNewer: 'Les afficher',
    gone: 'Le serveur ne répond pas',
    goneHelp: 'Vérifiez que Clairscore tourne. Nouvel essai chaque seconde.',
    notFound: (id: string) => `Le client ${id} n'existe pas dans ces données.`,
    notFoundHelp: 'Choisissez un identifiant dans la liste en haut de la page.',
    firstCustomer: 'Ouvrir le premier client',
    noCustomers: 'Ces données ne contiennent aucun client.',
    failed: 'Le serveur a répondu par une erreur.',
    detail: (detail: string) => `Réponse\u00a0: ${detail}`,
    retry: 'Réessayer',
    loading: 'Chargement…',
  },

  footer: {
    model: (estimator: string, hash: string) => `Modèle ${estimator} ${hash}`,
    threshold: (value: string) => `seuil ${value}`,
    customers: (count: string) => `${count} clients`,
    skipped: (count: number, text: string) =>
      `${text} ${plural(count, 'ligne écartée', 'lignes écartées')} au chargement`,
    live: 'contributions calculées pour chaque client',
    file: 'contributions du fichier fourni',
    checking: 'comparaison avec le fichier fourni en cours',
    warning: "Avertissement sur le fichier d'explications",
    interface: "Documentation de l'API",
  },

  format: {
    percent: (text: string) => `${text}\u00a0%`,
    lessThanOnePercent: 'moins de 1\u00a0%',
    moreThan99Percent: 'plus de 99\u00a0%',
    days: (count: number, text: string) => `${text} ${plural(count, 'jour', 'jours')}`,
    months: (count: number) => `${count} mois`,
    years: (count: number) => `${count} ${plural(count, 'an', 'ans')}`,
    yearsText: (text: string) => `${text} ans`,
    yearsMonths: (years: number, months: number) =>
      `${years} ${plural(years, 'an', 'ans')} ${months} mois`,
    hour: (text: string) => `${text} h`,
    /** Of the numbers in tables, which are as the API gives them: a ratio is not in percent. */
    unitNames: { number: '', days: 'jours', years: 'ans', percent: '', hour: 'heures' },
  },
};

export type Strings = typeof fr;

export const t: Strings = fr;
