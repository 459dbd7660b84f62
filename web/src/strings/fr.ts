// Every word of the screen in French, the original's language. The other languages are objects of the
// same type. The space before a colon, a semicolon or a percent sign does not break (U+00A0).

import { frenchCount as counted } from './plural';

/** The steps of the service's start; one that is not known here is shown as it came. */
function stepName(step: string): string {
  const names: Record<string, string | undefined> = {
    'reading the model': 'lecture du modèle',
    'reading the applicants': 'lecture des dossiers',
    'testing the scores and contributions': 'vérification des scores et des contributions',
    'comparing the shipped contributions with live ones':
      'comparaison des contributions fournies avec celles calculées',
  };
  const scoring = /^scoring (\d+) applicants$/.exec(step);
  if (scoring) return `calcul des scores de ${counted(scoring[1] ?? '', 'dossier', 'dossiers')}`;
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
  title: 'Clairscore',
  documentTitle: (id: string) => `Client ${id} · Clairscore`,
  skip: 'Aller au dossier',

  bar: {
    language: 'Langue',
    light: 'claire',
    dark: 'sombre',
    toTheme: (name: string) => `Passer en apparence ${name}`,
    helpKey: 'Aide (touche ?)',
    printKey: 'Imprimer (touche P)',
    borderline: 'À examiner',
    borderlineTip: 'Les dossiers proches du seuil, le plus proche en premier (touche E)',
    list: 'Liste',
    listTip: 'Chercher et filtrer les dossiers (touche L)',
  },

  picker: {
    label: 'Client',
    keys: 'Tapez le début ou une partie de l’identifiant. Flèches pour parcourir, Entrée pour choisir, Échap pour fermer. La touche / ramène ici.',
    list: 'Clients',
    loading: 'Chargement…',
    shown: 'affiché',
    none: (query: string) => `Aucun client dont l’identifiant contient «\u00a0${query}\u00a0».`,
    found: (count: string) =>
      count === '0' ? 'Aucun client' : counted(count, 'client', 'clients'),
    previous: 'Client précédent',
    previousTip: 'Client précédent (←)',
    next: 'Client suivant',
    nextTip: 'Client suivant (→)',
    position: (position: string, count: string) => `${position} / ${count}`,
    positionSpoken: (position: string, count: string) => `Client ${position} sur ${count}`,
    outside: (count: string) => `hors liste / ${count}`,
  },

  worklist: {
    heading: 'Liste de travail',
    all: 'Tous les dossiers',
    queue: 'File des dossiers proches du seuil',
    close: 'Fermer la liste',
    clear: 'Effacer les filtres',
    filters: 'Filtres',
    advice: 'Avis du modèle',
    any: 'tous',
    distance: 'Écart au seuil, au plus',
    min: 'Score minimal',
    max: 'Score maximal',
    order: 'Ordre',
    orders: {
      file: 'du fichier',
      borderline: 'le plus proche du seuil d’abord',
      lowest: 'le score le plus bas d’abord',
      highest: 'le score le plus haut d’abord',
    },
    add: 'Filtrer sur',
    addNone: 'ajouter un critère…',
    value: 'Valeur',
    from: 'De',
    to: 'À',
    missing: 'valeur absente',
    apply: 'Ajouter',
    remove: (text: string) => `Retirer le filtre ${text}`,
    total: (count: string) =>
      count === '0'
        ? 'Aucun dossier ne répond à ces critères.'
        : `${counted(count, 'dossier', 'dossiers')}.`,
    follow: 'Les flèches ← et → suivent cette liste.',
    page: (from: string, to: string, total: string) => `${from} à ${to} sur ${total}`,
    before: 'Page précédente',
    after: 'Page suivante',
  },

  customer: {
    heading: (id: string) => `Client ${id}`,
    announce: (id: string, advice: string, score: string) =>
      `Client ${id}. ${advice}. Score ${score}.`,
    dataOf: 'Données du',
    dataLoaded: 'Données chargées le',
  },

  advice: {
    favourable: 'Avis favorable',
    unfavourable: 'Avis défavorable',
    review: 'À examiner',
    short: { favourable: 'favorable', unfavourable: 'défavorable', review: 'à examiner' },
    before: 'Le modèle situe ce dossier ',
    below: (points: string) => `${counted(points, 'point', 'points')} sous le seuil`,
    above: (points: string) => `${counted(points, 'point', 'points')} au-dessus du seuil`,
    at: 'exactement au seuil',
    inZone: (advice: string) => `, dans la zone d’examen (avis ${advice}).`,
    after: '.',
    human: ' La décision vous appartient.',
    manual:
      'Un élément protégé ou sans rapport avec le crédit pèse parmi les premiers\u00a0: faites relire ce dossier.',
  },

  score: {
    chart: (score: string, threshold: string, low: string, high: string) =>
      `Score de ${counted(score, 'point', 'points')} sur une échelle de ${low} à ${high}, seuil à ${threshold}.`,
    threshold: (value: string) => `Seuil ${value}`,
    zone: (value: string) => `zone d’examen ±${value}`,
    scale: (doubling: string) =>
      `Plus le score est haut, plus l’avis est favorable\u00a0; ${counted(doubling, 'point de plus double', 'points de plus doublent')} la cote.`,
    scaleOfProbability:
      'Plus le score est haut, plus l’avis est favorable\u00a0; un point est un millième de la sortie du modèle.',
    gauge: 'Jauge d’origine, en pourcentage',
    gaugeAlt: (score: string, threshold: string) =>
      `Jauge en demi-cercle de 0 à 100\u00a0: score ${score}, seuil ${threshold}.`,
    gaugeOutOf: 'sur 100',
    gaugeThreshold: (value: string) => `Seuil ${value}`,
    gaugeHelp: 'La même réponse du modèle sur l’échelle du système d’origine.',
  },

  reasons: {
    heading: 'Pourquoi cet avis',
    against: 'Ce qui pèse contre le dossier',
    favour: 'Ce qui joue en sa faveur',
    noneAgainst: 'Aucun élément ne pèse nettement contre ce dossier.',
    noneFavour: 'Aucun élément ne joue nettement en sa faveur.',
    reference: (value: string) => `repère ${value}`,
    sameAsReference: 'comme le repère',
    missing: (label: string) => `${label}\u00a0: non renseigné`,
    category: (label: string, category: string) => `${label}\u00a0: ${category}`,
    low: (label: string) => `${label}\u00a0: valeur basse`,
    high: (label: string) => `${label}\u00a0: valeur haute`,
    usual: (label: string) => `${label}\u00a0: valeur habituelle`,
    points: (points: string) => counted(points, 'pt', 'pts'),
    slight: '< 1 pt',
    lowers: (points: string) => `fait baisser le score de ${counted(points, 'point', 'points')}`,
    raises: (points: string) => `fait monter le score de ${counted(points, 'point', 'points')}`,
    lowersSlightly: 'fait baisser le score de moins d’un point',
    protected: 'Critère protégé',
    unrelated: 'Sans rapport avec le crédit',
    sum: {
      base: (value: string) => `Point de départ ${value}`,
      above: (count: number, value: string) =>
        `${counted(count, 'élément', 'éléments')} ci-dessus ${value}`,
      others: (value: string) => `autres éléments ${value}`,
      score: (value: string) => `score ${value}`,
    },
    notCauses: 'Ce sont des liens statistiques, pas des causes.',
    referenceHelp:
      'Repère\u00a0: la valeur du milieu des dossiers à avis favorable, ou la plus fréquente.',
    otherMethod:
      'Ces contributions viennent du fichier fourni avec les données, et non du calcul de ce serveur.',
  },

  standing: {
    heading: 'Où se situe ce client',
    input: 'Élément',
    strongest: (label: string) => `Raison principale\u00a0: ${label}`,
    higherThan: 'Plus haut que ',
    lowerThan: 'Plus bas que ',
    ofFiles: ' des dossiers',
    andAccepted: ', et que ',
    ofAccepted: ' des dossiers à avis favorable.',
    among: (share: string, accepted: string) =>
      `${share} des dossiers ont cette valeur, et ${accepted} des dossiers à avis favorable.`,
    missing: (label: string) => `${label}\u00a0: ce client n’apparaît pas sur le graphique.`,
    client: 'client',
    median: 'médiane',
    chart: (label: string) => `Distribution\u00a0: ${label}`,
    legendAll: 'tous les dossiers',
    legendAccepted: 'dont avis favorable',
    beyond: (below: string, above: string) =>
      `Hors du cadre\u00a0: ${below} plus bas, ${above} plus haut.`,
    missingCount: (count: string) => `${count} sans valeur.`,
    table: 'Distribution en tableau',
    columns: {
      from: 'De',
      to: 'à',
      value: 'Valeur',
      count: 'Dossiers',
      accepted: 'Avis favorable',
    },
    others: (count: string) => `autres valeurs (${count})`,
  },

  similar: {
    heading: 'Dossiers semblables',
    sentence: (favourable: number, total: number) =>
      `${counted(total, 'dossier que le modèle juge', 'dossiers que le modèle juge')} pour les mêmes raisons, dont ${favourable === 0 ? 'aucun' : favourable} à avis favorable.`,
    columns: {
      client: 'Client',
      advice: 'Avis',
      score: 'Score',
      differs: 'Ce qui diffère le plus',
    },
    waiting:
      'Les dossiers semblables sont en cours de calcul\u00a0; ils s’afficheront d’eux-mêmes.',
    differs: (label: string, value: string) => `${label}\u00a0: ${value}`,
  },

  further: {
    heading: 'Pour aller plus loin',
    bivariate: 'Analyse bi-variée',
    waterfall: 'Toutes les contributions (cascade)',
    importance: 'Importance globale',
    dependence: 'Effet d’un élément',
    model: 'Fiche du modèle',
  },

  waterfall: {
    sentence: (base: string, score: string, up: string, down: string) =>
      `Le modèle part de ${counted(base, 'point', 'points')}\u00a0; ce qui monte ajoute ${up}, ce qui baisse retire ${down}\u00a0: ${score}.`,
    chart: (count: number) =>
      `Cascade des contributions, du point de départ au score, en ${counted(count, 'étape', 'étapes')}`,
    base: 'Point de départ',
    score: 'Score',
    threshold: (value: string) => `Seuil ${value}`,
    others: (count: string) => counted(count, 'autre élément', 'autres éléments'),
    lower: '← baisse le score',
    higher: 'monte le score →',
    table: 'Toutes les contributions en tableau',
    rest: 'Reste des arrondis',
    columns: {
      input: 'Élément',
      value: 'Valeur du client',
      reference: 'Repère',
      points: 'Points',
    },
    scale: {
      'log-odds': 'Somme exacte sur l’échelle des log-odds (logarithme de la cote).',
      probability: 'Somme exacte sur l’échelle de la sortie du modèle, entre 0 et 1.',
    },
    word: (points: number): string => (points > 0 ? '▲ monte' : points < 0 ? '▼ baisse' : ''),
  },

  importance: {
    own: 'Graphique',
    picture: 'Image SHAP',
    sentence: (first: string, second: string, third: string) =>
      `Ce qui fait le plus varier les scores\u00a0: ${first}, ${second} et ${third}.`,
    sample: (sample: string, total: string) =>
      `Un point est un dossier (${sample} pris parmi ${total}). À droite, l’élément fait monter son score\u00a0; à gauche, il le fait baisser. Cliquez un point pour ouvrir le dossier.`,
    chart: 'Importance globale\u00a0: un point par dossier et par élément',
    low: 'valeur basse',
    high: 'valeur haute',
    noOrder: 'texte ou valeur absente',
    here: 'ce client',
    point: (id: string, points: string) =>
      `Client ${id}\u00a0: ${counted(points, 'point', 'points')}`,
    table: 'Importance en tableau',
    columns: { input: 'Élément', mean: 'Écart moyen (points)', client: 'Ce client (points)' },
    alt: 'Graphique en essaim (beeswarm) des valeurs SHAP\u00a0: une ligne par caractéristique, la plus importante en haut\u00a0; chaque point est un dossier, coloré selon la valeur. À droite de zéro, la caractéristique augmente le risque estimé.',
    pictureHelp:
      'Sur cette image, le sens est celui du modèle\u00a0: à droite, l’élément augmente le risque estimé, donc fait baisser le score.',
    alone: 'Ouvrir l’image seule, dans un autre onglet',
    absent: 'Aucune image d’importance globale n’est fournie avec ces données.',
    waiting: 'Les contributions de tous les dossiers sont en cours de calcul…',
  },

  dependence: {
    input: 'Élément',
    sentence: (label: string, low: string, high: string) =>
      `Selon sa valeur, «\u00a0${label}\u00a0» déplace le score de ${low} à ${counted(high, 'point', 'points')}.`,
    client: (value: string, points: string) =>
      `Pour ce client\u00a0: ${value}, ${counted(points, 'point', 'points')}.`,
    sample: (sample: string, total: string) =>
      `${counted(sample, 'dossier pris', 'dossiers pris')} parmi ${total}.`,
    chart: (label: string) => `Points apportés au score selon la valeur de\u00a0: ${label}`,
    axis: 'points',
    table: 'Effet en tableau',
    columns: {
      value: 'Valeur',
      files: 'Dossiers',
      mean: 'Points en moyenne',
      range: 'du plus bas au plus haut',
    },
    missing: 'valeur absente',
  },

  bivariate: {
    x: 'Axe horizontal',
    y: 'Axe vertical',
    sentence: (x: string, xShare: string, y: string, yShare: string) =>
      `Ce client\u00a0: ${x} (plus haut que ${xShare} des dossiers) et ${y} (plus haut que ${yShare}).`,
    population: (count: string) =>
      `${counted(count, 'dossier', 'dossiers')} où les deux valeurs sont renseignées.`,
    noClient: (label: string) => `${label}\u00a0: ce client n’apparaît pas sur le graphique.`,
    empty: 'Aucun dossier ne renseigne ces deux valeurs.',
    chart: (x: string, y: string) =>
      `Nuage de points\u00a0: ${y} en fonction de ${x}. Flèches pour se déplacer, plus et moins pour agrandir et réduire, zéro pour tout revoir.`,
    controls: 'Vue du nuage',
    zoomIn: 'Agrandir',
    zoomOut: 'Réduire',
    left: 'Vers la gauche',
    right: 'Vers la droite',
    up: 'Vers le haut',
    down: 'Vers le bas',
    reset: 'Tout voir',
    clientLegend: 'ce client',
    otherLegend: 'un dossier',
    table: 'Nuage résumé en tableau',
    statistic: 'Statistique',
    rows: {
      client: '◇ Ce client',
      minimum: 'Minimum',
      q1: '1er quartile',
      median: 'Médiane',
      q3: '3e quartile',
      maximum: 'Maximum',
    },
  },

  choose: {
    main: 'Principaux',
    others: 'Autres',
  },

  model: {
    sentence: (estimator: string, inputs: string, rows: string) =>
      `${estimator}, ${counted(inputs, 'élément', 'éléments')} en entrée, ${counted(rows, 'dossier noté', 'dossiers notés')}.`,
    rows: {
      estimator: 'Modèle',
      file: 'Fichier',
      hash: 'Empreinte SHA-256',
      commit: 'Version du modèle (Hub)',
      trained: 'Enregistré le',
      library: 'Bibliothèque',
      threshold: 'Seuil (sortie du modèle)',
      data: 'Données',
      dataCommit: 'Version des données (Hub)',
      dataHash: 'Empreinte SHA-256 des données',
      loaded: 'Chargées le',
      explanations: 'Contributions',
      parity: 'Comparaison avec le fichier fourni',
      points: 'Points',
      dictionary: 'Dictionnaire',
    },
    live: 'calculées pour chaque dossier (TreeSHAP exact)',
    file: 'celles du fichier fourni, faites par une autre méthode',
    parity: {
      no_file: 'aucun fichier fourni',
      equal: 'égales',
      different: 'différentes, mais la somme est juste',
      not_additive: 'la somme est fausse\u00a0: celles du serveur sont servies',
      unreadable: 'fichier illisible',
      other_shape: 'fichier fait pour d’autres dossiers',
    } as Record<string, string | undefined>,
    checked: (rows: string) => counted(rows, 'dossier comparé', 'dossiers comparés'),
    checking: 'en cours',
    points: (threshold: string, zone: string) => `seuil à ${threshold}, examen à ±${zone}`,
    local: 'fichier local',
    unit: 'Le score du modèle n’est pas une probabilité de défaut.',
    noDictionary: 'aucun',
    noOutcome:
      'Les issues de ces dossiers ne sont pas connues\u00a0: ni taux d’erreur ni calibration ne peuvent être calculés ici.',
    docs: 'Documentation de l’API',
  },

  help: {
    heading: 'Aide',
    close: 'Fermer',
    keys: 'Au clavier',
    rows: [
      ['/', 'chercher un client'],
      ['← →', 'client précédent, suivant'],
      ['L', 'ouvrir ou fermer la liste et ses filtres'],
      ['E', 'parcourir les dossiers à examiner'],
      ['P', 'imprimer cette page'],
      ['?', 'cette aide'],
      ['Échap', 'fermer ce qui est ouvert'],
    ],
    cloud: 'Dans le nuage de points\u00a0: flèches, + et −, 0.',
    reading: 'Pour lire la page',
    notes: [
      'Le score est en points\u00a0; plus il est haut, plus l’avis est favorable. Le seuil est toujours au même endroit.',
      '▲ bleu\u00a0: fait monter le score. ▼ vermillon\u00a0: le fait baisser. ● sable\u00a0: proche du seuil, à examiner.',
      'Le losange est toujours ce client.',
      'Le modèle conseille. Il ne décide pas\u00a0: la décision vous appartient.',
      'Les éléments sont des liens statistiques, pas des causes, et le score n’est pas une probabilité de défaut.',
    ],
    share: 'L’adresse de la page dit tout ce qu’elle montre\u00a0: envoyez-la à un collègue.',
  },

  access: {
    heading: 'Accès protégé',
    help: 'Ce serveur demande un jeton d’accès. Qui l’administre peut vous en donner un.',
    kept: 'Il reste dans cet onglet, et s’efface quand vous le fermez.',
    label: 'Jeton d’accès',
    show: 'Afficher le jeton',
    open: 'Ouvrir',
    trying: 'Vérification…',
    cancel: 'Annuler',
    give: 'Donner un jeton',
    unknown: 'Le serveur ne connaît pas ce jeton. Vérifiez qu’il est complet.',
    forbidden: 'Le serveur connaît ce jeton, mais il ne permet pas de voir les dossiers.',
    forget: 'Oublier le jeton d’accès',
    closed: 'Ce serveur ne vous est pas ouvert.',
  },

  print: {
    commit: (commit: string) => `version ${commit}`,
    undated: (commit: string) => `version ${commit}, de date inconnue`,
    fileHash: (hash: string) => `fichier sans version, empreinte SHA-256 ${hash}`,
    unhashed: 'fichier sans version, empreinte en cours de calcul',
    printed: (when: string) => `Imprimé le ${when}`,
    threshold: (value: string, points: string) =>
      `Seuil ${value} (${counted(points, 'point', 'points')})`,
  },

  status: {
    starting: 'Le service démarre',
    step: (step: string) => `Étape en cours\u00a0: ${stepName(step)}`,
    download: 'Téléchargement',
    downloaded: (done: string, total: string, files: number, allFiles: number) =>
      `${done} sur ${total}, ${counted(files, 'fichier', 'fichiers')} sur ${allFiles}`,
    rate: (rate: string) => `${rate}/s`,
    bytes: ['o', 'Ko', 'Mo', 'Go'],
    problem: 'En attente\u00a0:',
    problemHelp: 'Nouvel essai automatique, cette page s’ouvrira d’elle-même.',
    refused: 'Ce qui est sur le Hub ne peut pas être servi\u00a0:',
    refusedHelp:
      'Une nouvelle version sera essayée dès qu’elle paraîtra\u00a0; cette page s’ouvrira d’elle-même.',
    newer: 'Des données plus récentes sont disponibles.',
    showNewer: 'Les afficher',
    gone: 'Le serveur ne répond pas',
    goneHelp: 'Ce qui est affiché reste. Nouvel essai chaque seconde.',
    goneWaits: (id: string) => `Le client ${id} sera affiché dès qu’il répondra.`,
    notFound: (id: string) => `Le client ${id} n’existe pas dans ces données.`,
    notFoundHelp: 'Choisissez un identifiant dans la liste en haut de la page.',
    firstCustomer: 'Ouvrir le premier client',
    noCustomers: 'Ces données ne contiennent aucun client.',
    failed: 'Le serveur a répondu par une erreur.',
    detail: (detail: string) => `Réponse\u00a0: ${detail}`,
    retry: 'Réessayer',
    loading: 'Chargement…',
  },

  footer: {
    model: (hash: string) => `Modèle ${hash}`,
    data: (commit: string) => `Données ${commit}`,
    threshold: (value: string) => `seuil ${value}`,
    customers: (count: string) => counted(count, 'dossier', 'dossiers'),
    skipped: (count: string) =>
      `${counted(count, 'ligne écartée', 'lignes écartées')} au chargement`,
    live: 'Explication exacte, calculée pour ce dossier',
    file: 'Explication du fichier fourni',
    checking: 'comparaison avec le fichier fourni en cours',
    warning: 'Avertissement sur le fichier d’explications',
  },

  value: {
    missing: 'non renseigné',
  },

  format: {
    percent: (text: string) => `${text}\u00a0%`,
    lessThanOnePercent: 'moins de 1\u00a0%',
    moreThan99Percent: 'plus de 99\u00a0%',
    days: (count: string) => counted(count, 'jour', 'jours'),
    months: (count: number) => `${count} mois`,
    years: (count: string | number) => counted(count, 'an', 'ans'),
    yearsMonths: (years: number, months: number) => `${counted(years, 'an', 'ans')} ${months} mois`,
    hour: (text: string) => `${text} h`,
    aYear: (text: string) => `${text}\u00a0/\u00a0an`,
  },
};

export type Strings = typeof fr;
