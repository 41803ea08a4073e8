package rehearsal

import "primalinea/escalation"

// A saying is a matter in the words of one language.
type saying struct {
	ask           []string
	subject, text string
	title, answer string // title is that of the article that would answer it
}

// words are what visitors and staff say in one language.
type words struct {
	lang  string
	share float64 // of the visitors
	unmet map[string]saying

	text   string // of a request about what an article says, with its title
	answer string // to it, with the title

	questions []question
	customer  string // what customers are called, with a number
	phone     string // what staff write about a call
	notes     []string
	tried     [][2]string
	read      string            // what we say before the ticket moves
	asked     string            // of the next tier
	promised  string            // to the customer
	facts     map[string]string // that kinds of requests ask for, in words
	tell      map[string]string // why the ticket moves, by team
	errand    saying            // what the warehouse is asked, and its answer
	missing   string            // name of a fact
	refusals  map[string]string // in words, by reason
	decided   string            // why the lead decides so
	party     map[string]string // whom we wait for, by team
	waiting   string            // with the party
	resumed   string
	silent    string   // the answer to who does not answer
	again     []string // what the customer says who was not helped
	more      string   // what we answer then
	thanks    []string
	welcome   string // what we answer then
	noArticle string // why no article answers it
	notYet    string // why none does until one is made
	noReply   string // why there is none when nobody answered
	cannot    string // why a step could not be done
	opinions  map[escalation.Score][]string
	dismissed string // why there will be none
	mends     string // who mends what no article does
}

// A question is asked of customers, and answered with one of the answers.
type question struct {
	key, text, why string
	answers        []string
}

var languages = []*words{&italian, &spanish, &english}

var italian = words{
	lang: "it", share: .5,
	unmet: map[string]saying{
		"hotspot": {
			ask:     []string{"hotspot non funziona", "il computer non vede l'hotspot", "attivare hotspot telefono", "hotspot del telefono non si attiva", "usare il telefono come hotspot"},
			subject: "Hotspot del telefono non funziona",
			text:    "Vorrei usare il telefono come hotspot per il portatile. Il computer trova la rete, ma non si collega. Ho già riacceso tutti e due.",
			title:   "Come uso il telefono come hotspot?",
			answer:  "Aprire Impostazioni › Rete › Hotspot e attivarlo.\nScegliere la banda a 2,4 GHz: molti portatili non vedono l'altra.\nSul computer dimenticare la rete e collegarsi di nuovo con la password mostrata.\nSe la pagina resta vuota, attivare i dati mobili e spegnere il risparmio dati.",
		},
		"bank-app": {
			ask:     []string{"app della banca non si apre", "app banca non funziona", "app della banca si chiude", "l'app della banca non parte dopo l'aggiornamento", "app banca dispositivo non sicuro"},
			subject: "L'app della banca non si apre",
			text:    "Dall'ultimo aggiornamento l'app della banca si apre e si chiude subito. Le altre app vanno. La banca dice che dipende dal telefono.",
			title:   "Perché l'app della banca non si apre?",
			answer:  "Aggiornare prima il sistema e poi l'app: le banche rifiutano le versioni vecchie.\nTogliere la modalità sviluppatore, in Impostazioni › Sistema. Con quella accesa molte app bancarie si chiudono.\nCancellare la cache dell'app, non i dati: così non serve una nuova attivazione.\nSe l'app dice «dispositivo non sicuro», chiedere alla banca di riattivarla.",
		},
		"print": {
			ask:     []string{"stampare dal telefono", "stampante non trovata dal telefono", "come stampo dal telefono", "stampare pdf telefono stampante", "telefono non vede la stampante"},
			subject: "Come stampo dal telefono?",
			text:    "Devo stampare un biglietto dal telefono, ma la stampante non compare. Dal computer invece stampa.",
			title:   "Come stampo dal telefono?",
			answer:  "Telefono e stampante devono essere sulla stessa rete Wi-Fi, non su quella degli ospiti.\nAprire Impostazioni › Dispositivi collegati › Stampa e attivare il servizio di stampa.\nAprire il documento, toccare Condividi › Stampa e scegliere la stampante.\nSe non compare, riavviare la stampante e aspettare un minuto.",
		},
		"monitor": {
			ask:     []string{"collegare monitor al portatile", "monitor esterno non rilevato", "portatile non vede il monitor", "secondo monitor portatile nessun segnale", "monitor esterno portatile schermo nero"},
			subject: "Il portatile non vede il monitor esterno",
			text:    "Ho collegato un monitor al portatile con il cavo della confezione, ma resta la scritta «nessun segnale». Con un altro computer il monitor va.",
			title:   "Come collego un monitor al portatile?",
			answer:  "Usare la porta con il segno di un fulmine o di uno schermo: le altre non portano immagini.\nScegliere sul monitor l'ingresso giusto, con il suo tasto.\nPremere Windows + P e scegliere Estendi.\nProvare con la frequenza a 60 Hz: un cavo lungo non ne regge di più.",
		},
		"contacts": {
			ask:     []string{"contatti doppi in rubrica", "contatti duplicati", "eliminare contatti doppi", "unire contatti duplicati rubrica"},
			subject: "Contatti doppi in rubrica",
			text:    "Da quando ho aggiunto un altro account ogni contatto compare due o tre volte. Sono più di quattrocento, a mano non finisco più.",
			title:   "Come tolgo i contatti doppi dalla rubrica?",
			answer:  "Aprire Contatti › Gestisci › Unisci e correggi, e toccare Unisci tutti.\nPer vedere un account alla volta, aprire Contatti › Impostazioni › Contatti da mostrare.\nSpegnere la sincronizzazione dei contatti nell'account che non serve.\nEntro 30 giorni tutto torna com'era con Annulla modifiche.",
		},
		"key": {
			ask:     []string{"tasto tastiera portatile non funziona", "un tasto del portatile non va", "tastiera portatile tasto bloccato", "tasto della tastiera bloccato"},
			subject: "Un tasto del portatile non funziona",
			text:    "Il tasto della barra spaziatrice risponde una volta su due. Ho soffiato via la polvere, ma non cambia.",
			answer:  "La tastiera va sostituita: il contatto sotto il tasto è consumato. È coperta dalla garanzia. Trova l'etichetta per la spedizione in questa pagina; il portatile torna in cinque giorni lavorativi.",
		},
		"charged-twice": {
			ask:     []string{"addebito doppio", "pagato due volte", "addebito doppio carta", "ordine pagato due volte"},
			subject: "Addebito doppio sulla carta",
			text:    "L'ordine di lunedì risulta addebitato due volte sulla carta, con lo stesso importo.",
			answer:  "Il secondo addebito era una prenotazione della banca e non un pagamento. L'abbiamo annullata: sparisce dall'estratto entro cinque giorni lavorativi.",
		},
		"parcel": {
			ask:     []string{"pacco consegnato ma non arrivato", "pacco non arrivato", "consegnato ma non ho ricevuto il pacco", "pacco smarrito corriere"},
			subject: "Pacco segnato come consegnato, ma non arrivato",
			text:    "Il corriere segna la consegna di ieri, ma non c'è nulla e i vicini non sanno niente.",
			answer:  "Il corriere ha ritrovato il pacco al punto di ritiro della zona. La consegna è domani; se non può essere a casa, scelga un altro giorno dal messaggio del corriere.",
		},
		"antivirus": {
			ask:     []string{"antivirus", "Antivirus?", "quale antivirus", "antivirus gratis"},
			subject: "Quale antivirus devo installare?",
			text:    "Ho comprato il portatile la settimana scorsa e non trovo nessun antivirus. Devo installarne uno?",
			title:   "Mi serve un antivirus?",
			answer:  "Sul portatile ce n'è già uno, quello del sistema: non serve installarne un altro.\nAprire Impostazioni › Sicurezza e controllare che sia acceso e aggiornato.\nSul telefono basta installare le app dal negozio ufficiale.\nDue antivirus insieme si ostacolano: togliere quello di prova.",
		},
		"smartwatch": {
			ask:     []string{"smartwatch", "Smartwatch", "smartwatch compatibile"},
			subject: "Vendete smartwatch?",
			text:    "Cerco uno smartwatch da usare con il telefono, ma non ne trovo né tra i prodotti né nelle guide.",
			answer:  "Non ne vendiamo. Il telefono si collega a quelli di altre marche che usano il Bluetooth 5: quale vada bene lo dice chi li produce.",
		},
	},
	text:   "Ho letto «%s», ma non ne vengo a capo. Il dispositivo ha un anno. Mi potete aiutare?",
	answer: "Con i passaggi di «%s» si risolve. Il punto che di solito manca è il secondo: va fatto con il dispositivo in carica. Ci scriva se qualcosa non torna.",
	questions: []question{
		{"model", "Qual è il modello?", "I passaggi cambiano da un modello all'altro.", []string{"Nova 8", "Nova 9 Plus", "Libro 14", "Nova 7 Lite"}},
		{"system", "Quale versione del sistema mostra la pagina Informazioni?", "Un errore di questo tipo è stato corretto nell'ultima.", []string{"14.2", "15.0", "15.1"}},
		{"since", "Da quando succede, e che cosa era cambiato prima?", "Spesso comincia dopo un aggiornamento o un'app nuova.", []string{"Da una settimana, dopo l'aggiornamento", "Da ieri, non è cambiato niente", "Dal primo giorno"}},
	},
	customer:  "Cliente",
	phone:     "Chiamata: %s Chiede di essere ricontattato per iscritto.",
	notes:     []string{"Stesso caso della settimana scorsa: vedere l'articolo prima di chiedere altro.", "Il cliente scrive dal telefono: istruzioni brevi.", "Nessun guasto noto su questo modello."},
	tried:     [][2]string{{"Riavvio e ripristino delle impostazioni di rete", "nessun cambiamento"}, {"Aggiornamento alla versione 15.1", "il problema resta"}, {"Prova in modalità sicura", "uguale"}, {"Controllo dell'ordine e dei pagamenti", "i dati coincidono con quelli del cliente"}},
	read:      "Grazie, abbiamo letto tutto. Lo passiamo a chi può risolverlo: non serve ripetere niente.",
	asked:     "Capire la causa e dire al cliente come procedere.",
	promised:  "Una risposta entro la data indicata",
	facts:     map[string]string{"model": "Belvaro One", "wish": "Sostituzione", "tracking": "BE123456789", "finding": "Software", "photos": "- descritto al telefono"},
	tell:      map[string]string{"general": "Il gruppo che segue il caso ci ha dato le istruzioni.", "tech": "Serve una prova tecnica che fanno i nostri specialisti.", "rrr": "Se ne occupa chi segue resi e riparazioni.", "payments": "Il pagamento lo può controllare solo chi segue la contabilità.", "logistics": "Chi segue le spedizioni parla con il corriere."},
	missing:   "modello",
	errand:    saying{subject: "Il ricambio è in magazzino?", text: "Serve per questa riparazione: guardare se c'è, e quando può partire.", answer: "Ce ne sono due. Uno è messo da parte e può partire domani mattina."},
	refusals:  map[string]string{"missing_facts": "Senza il modello non possiamo fare la prova.", "wrong_team": "Non è cosa nostra: qui non vediamo questi dati.", "no_capacity": "Oggi siamo in due: domani va bene.", "not_needed": "Basta l'articolo."},
	decided:   "Il caso è passato troppe volte di mano: lo segue chi può chiuderlo.",
	party:     map[string]string{"logistics": "il corriere", "payments": "la banca", "tech": "il laboratorio", "rrr": "il laboratorio", "general": "il produttore"},
	waiting:   "Abbiamo chiesto e aspettiamo una risposta. Le scriviamo appena arriva.",
	resumed:   "La risposta è arrivata",
	silent:    "Non abbiamo più avuto notizie e per ora ci fermiamo qui. Basta una risposta in questa pagina per riprendere da dove eravamo.",
	again:     []string{"Ho provato, ma succede ancora.", "Ha funzionato un giorno, poi è tornato come prima.", "Il passaggio due da me non c'è."},
	more:      "Grazie per averlo provato. Su questo modello la voce si chiama «Avanzate»: da lì i passaggi sono gli stessi.",
	thanks:    []string{"Perfetto, grazie!", "Risolto, grazie mille.", "Ora funziona. Grazie."},
	welcome:   "Grazie a Lei. Chiudiamo qui.",
	noArticle: "Riguarda un ordine solo",
	notYet:    "Non c'è ancora un articolo",
	noReply:   "Il cliente non ha risposto",
	cannot:    "L'apparecchio non è a portata di mano",
	opinions: map[escalation.Score][]string{
		escalation.Good: {"Risposta rapida e chiara, grazie.", "Ha funzionato al primo colpo.", "Non ho dovuto ripetere niente."},
		escalation.Fair: {"Risolto, ma ci è voluto un po'.", "Istruzioni giuste, un po' lunghe."},
		escalation.Poor: {"Ho dovuto aspettare troppo.", "Ho spiegato la stessa cosa due volte."},
	},
	dismissed: "Serve una persona che veda l'ordine: un articolo non lo risolve",
	mends:     "Chi segue gli ordini",
}

var spanish = words{
	lang: "es", share: .28,
	unmet: map[string]saying{
		"hotspot": {
			ask:     []string{"compartir internet del móvil no funciona", "compartir internet con el portátil", "punto de acceso móvil no funciona", "el portátil no ve el punto de acceso", "activar punto de acceso móvil"},
			subject: "El punto de acceso del móvil no funciona",
			text:    "Quiero compartir internet del móvil con el portátil. El ordenador ve la red, pero no se conecta. Ya he reiniciado los dos.",
			title:   "¿Cómo comparto internet desde el móvil?",
			answer:  "Abrir Ajustes › Red › Punto de acceso y activarlo.\nElegir la banda de 2,4 GHz: muchos portátiles no ven la otra.\nEn el ordenador olvidar la red y conectarse de nuevo con la contraseña que se muestra.\nSi la página queda en blanco, activar los datos móviles y apagar el ahorro de datos.",
		},
		"bank-app": {
			ask:     []string{"la app del banco no se abre", "app del banco no funciona", "app banco se cierra sola", "app del banco dispositivo no seguro"},
			subject: "La app del banco no se abre",
			text:    "Desde la última actualización la app del banco se abre y se cierra enseguida. Las demás funcionan. El banco dice que es cosa del móvil.",
			title:   "¿Por qué la app del banco no se abre?",
			answer:  "Actualizar primero el sistema y luego la app: los bancos rechazan las versiones viejas.\nQuitar el modo desarrollador, en Ajustes › Sistema. Con él puesto muchas apps de bancos se cierran.\nBorrar la caché de la app, no los datos: así no hace falta activarla otra vez.\nSi la app dice «dispositivo no seguro», pedir al banco que la reactive.",
		},
		"print": {
			ask:     []string{"imprimir desde el móvil", "el móvil no encuentra la impresora", "cómo imprimo desde el móvil", "imprimir pdf móvil impresora"},
			subject: "¿Cómo imprimo desde el móvil?",
			text:    "Tengo que imprimir un billete desde el móvil, pero la impresora no aparece. Desde el ordenador sí imprime.",
			title:   "¿Cómo imprimo desde el móvil?",
			answer:  "El móvil y la impresora tienen que estar en la misma red wifi, no en la de invitados.\nAbrir Ajustes › Dispositivos conectados › Impresión y activar el servicio.\nAbrir el documento, tocar Compartir › Imprimir y elegir la impresora.\nSi no aparece, reiniciar la impresora y esperar un minuto.",
		},
		"monitor": {
			ask:     []string{"conectar monitor al portátil", "monitor externo no detectado", "el portátil no detecta el monitor", "segundo monitor portátil sin señal"},
			subject: "El portátil no detecta el monitor externo",
			text:    "He conectado un monitor al portátil con el cable de la caja, pero sale «sin señal». Con otro ordenador el monitor funciona.",
			title:   "¿Cómo conecto un monitor al portátil?",
			answer:  "Usar el puerto con el dibujo de un rayo o de una pantalla: los demás no llevan imagen.\nElegir en el monitor la entrada correcta, con su botón.\nPulsar Windows + P y elegir Ampliar.\nProbar a 60 Hz: un cable largo no aguanta más.",
		},
		"contacts": {
			ask:     []string{"contactos duplicados", "contactos repetidos en la agenda", "eliminar contactos duplicados", "unir contactos duplicados agenda"},
			subject: "Contactos duplicados en la agenda",
			text:    "Desde que añadí otra cuenta cada contacto sale dos o tres veces. Son más de cuatrocientos, a mano no acabo.",
			title:   "¿Cómo quito los contactos duplicados?",
			answer:  "Abrir Contactos › Gestionar › Combinar y corregir, y tocar Combinar todo.\nPara ver una cuenta cada vez, abrir Contactos › Ajustes › Contactos que se muestran.\nApagar la sincronización de contactos en la cuenta que no haga falta.\nDurante 30 días todo vuelve atrás con Deshacer cambios.",
		},
		"key": {
			ask:     []string{"tecla del portátil no funciona", "una tecla no responde portátil", "teclado portátil tecla atascada", "tecla del teclado atascada"},
			subject: "Una tecla del portátil no funciona",
			text:    "La barra espaciadora responde una de cada dos veces. He soplado el polvo y sigue igual.",
			answer:  "Hay que cambiar el teclado: el contacto bajo la tecla está gastado. Lo cubre la garantía. La etiqueta de envío está en esta página; el portátil vuelve en cinco días laborables.",
		},
		"charged-twice": {
			ask:     []string{"cobro duplicado", "me han cobrado dos veces", "cobro duplicado tarjeta", "pedido cobrado dos veces"},
			subject: "Cobro duplicado en la tarjeta",
			text:    "El pedido del lunes aparece cobrado dos veces en la tarjeta, con el mismo importe.",
			answer:  "El segundo cargo era una retención del banco y no un pago. La hemos anulado: desaparece del extracto en cinco días laborables.",
		},
		"parcel": {
			ask:     []string{"paquete entregado pero no ha llegado", "paquete no ha llegado", "consta entregado y no tengo el paquete", "paquete perdido mensajería"},
			subject: "El paquete consta como entregado y no ha llegado",
			text:    "El mensajero marca la entrega de ayer, pero no hay nada y los vecinos no saben nada.",
			answer:  "El mensajero ha encontrado el paquete en el punto de recogida de la zona. La entrega es mañana; si no puede estar en casa, elija otro día en el mensaje del mensajero.",
		},
		"antivirus": {
			ask:     []string{"antivirus", "¿antivirus?", "qué antivirus", "antivirus recomendado", "antivirus gratis"},
			subject: "¿Qué antivirus instalo?",
			text:    "Compré el portátil la semana pasada y no encuentro ningún antivirus. ¿Tengo que instalar uno?",
			title:   "¿Necesito un antivirus?",
			answer:  "El portátil ya trae uno, el del sistema: no hace falta instalar otro.\nAbrir Ajustes › Seguridad y comprobar que esté encendido y al día.\nEn el móvil basta con instalar las apps desde la tienda oficial.\nDos antivirus a la vez se estorban: quitar el de prueba.",
		},
		"smartwatch": {
			ask:     []string{"smartwatch", "Smartwatch", "smart watch"},
			subject: "¿Venden smartwatches?",
			text:    "Busco un smartwatch para usar con el móvil, pero no encuentro ninguno ni en los productos ni en las guías.",
			answer:  "No los vendemos. El móvil se conecta a los de otras marcas que usan Bluetooth 5: cuál va bien lo dice quien los fabrica.",
		},
	},
	text:   "He leído «%s», pero no consigo resolverlo. El dispositivo tiene un año. ¿Me pueden ayudar?",
	answer: "Con los pasos de «%s» se resuelve. El que suele faltar es el segundo: hay que hacerlo con el dispositivo cargando. Escríbanos si algo no cuadra.",
	questions: []question{
		{"model", "¿Qué modelo es?", "Los pasos cambian de un modelo a otro.", []string{"Nova 8", "Nova 9 Plus", "Libro 14", "Nova 7 Lite"}},
		{"system", "¿Qué versión del sistema muestra la página Información?", "Un error así se corrigió en la última.", []string{"14.2", "15.0", "15.1"}},
		{"since", "¿Desde cuándo pasa, y qué había cambiado antes?", "A menudo empieza tras una actualización o una app nueva.", []string{"Desde hace una semana, tras actualizar", "Desde ayer, no cambió nada", "Desde el primer día"}},
	},
	customer:  "Usuario",
	phone:     "Llamada: %s Pide que le contestemos por escrito.",
	notes:     []string{"El mismo caso de la semana pasada: mirar el artículo antes de preguntar más.", "El cliente escribe desde el móvil: instrucciones cortas.", "Ningún fallo conocido en este modelo."},
	tried:     [][2]string{{"Reinicio y restablecimiento de la red", "sin cambios"}, {"Actualización a la versión 15.1", "el problema sigue"}, {"Prueba en modo seguro", "igual"}, {"Revisión del pedido y de los pagos", "los datos coinciden con los del cliente"}},
	read:      "Gracias, lo hemos leído todo. Lo pasamos a quien puede resolverlo: no hace falta repetir nada.",
	asked:     "Encontrar la causa y decir al cliente cómo seguir.",
	promised:  "Una respuesta antes de la fecha indicada",
	facts:     map[string]string{"model": "Belvaro One", "wish": "Cambio", "tracking": "BE123456789", "finding": "Software", "photos": "- descrito por teléfono"},
	tell:      map[string]string{"general": "El equipo que lleva el caso nos ha dado las instrucciones.", "tech": "Hace falta una prueba técnica que hacen nuestros especialistas.", "rrr": "Lo lleva quien se ocupa de devoluciones y reparaciones.", "payments": "El pago solo lo puede comprobar contabilidad.", "logistics": "Quien lleva los envíos habla con el mensajero."},
	missing:   "modelo",
	errand:    saying{subject: "¿Está el repuesto en el almacén?", text: "Hace falta para esta reparación: miren si lo hay y cuándo puede salir.", answer: "Hay dos. Uno queda apartado y puede salir mañana por la mañana."},
	refusals:  map[string]string{"missing_facts": "Sin el modelo no podemos hacer la prueba.", "wrong_team": "No es nuestro: aquí no vemos estos datos.", "no_capacity": "Hoy somos dos: mañana sí.", "not_needed": "Basta con el artículo."},
	decided:   "El caso ha pasado por demasiadas manos: lo lleva quien puede cerrarlo.",
	party:     map[string]string{"logistics": "el mensajero", "payments": "el banco", "tech": "el laboratorio", "rrr": "el laboratorio", "general": "el fabricante"},
	waiting:   "Hemos preguntado y esperamos respuesta. Le escribimos en cuanto llegue.",
	resumed:   "Ha llegado la respuesta",
	silent:    "No hemos vuelto a tener noticias y por ahora lo dejamos aquí. Basta una respuesta en esta página para seguir donde estábamos.",
	again:     []string{"Lo he probado, pero sigue pasando.", "Funcionó un día y volvió a fallar.", "El segundo paso a mí no me aparece."},
	more:      "Gracias por probarlo. En este modelo la opción se llama «Avanzado»: desde ahí los pasos son los mismos.",
	thanks:    []string{"Perfecto, ¡gracias!", "Resuelto, muchas gracias.", "Ya funciona. Gracias."},
	welcome:   "Gracias a usted. Lo cerramos aquí.",
	noArticle: "Es de un solo pedido",
	notYet:    "Todavía no hay artículo",
	noReply:   "El cliente no ha respondido",
	cannot:    "No tiene el dispositivo a mano",
	opinions: map[escalation.Score][]string{
		escalation.Good: {"Respuesta rápida y clara, gracias.", "Funcionó a la primera.", "No tuve que repetir nada."},
		escalation.Fair: {"Resuelto, pero tardó un poco.", "Instrucciones correctas, algo largas."},
		escalation.Poor: {"Tuve que esperar demasiado.", "Expliqué lo mismo dos veces."},
	},
	dismissed: "Hace falta una persona que vea el pedido: un artículo no lo resuelve",
	mends:     "Quien lleva los pedidos",
}

var english = words{
	lang: "en", share: .22,
	unmet: map[string]saying{
		"hotspot": {
			ask:     []string{"phone hotspot not working", "laptop cannot see phone hotspot", "turn on phone hotspot", "use phone as hotspot", "hotspot keeps switching off"},
			subject: "Phone hotspot not working",
			text:    "I want to use my phone as a hotspot for my laptop. The laptop sees the network but does not connect. I have restarted both.",
			title:   "How do I use my phone as a hotspot?",
			answer:  "Open Settings › Network › Hotspot and turn it on.\nChoose the 2.4 GHz band: many laptops do not see the other one.\nOn the laptop, forget the network and connect again with the password shown.\nIf pages stay empty, turn mobile data on and data saver off.",
		},
		"bank-app": {
			ask:     []string{"bank app will not open", "banking app not working", "bank app closes at once", "bank app says device not secure"},
			subject: "My bank app will not open",
			text:    "Since the last update my bank's app opens and closes at once. Other apps work. The bank says it is the phone.",
			title:   "Why does my bank app not open?",
			answer:  "Update the system first and then the app: banks refuse old versions.\nTurn developer mode off, in Settings › System. With it on, many bank apps close.\nClear the app's cache, not its data: then it need not be activated again.\nIf the app says \"device not secure\", ask the bank to activate it again.",
		},
		"print": {
			ask:     []string{"print from phone", "phone cannot find printer", "how to print from phone", "print pdf from phone printer"},
			subject: "How do I print from my phone?",
			text:    "I need to print a ticket from my phone, but the printer does not show up. It prints from the computer.",
			title:   "How do I print from my phone?",
			answer:  "Phone and printer must be on the same Wi-Fi, not on the guest network.\nOpen Settings › Connected devices › Printing and turn the print service on.\nOpen the document, tap Share › Print and choose the printer.\nIf it does not show up, restart the printer and wait a minute.",
		},
		"monitor": {
			ask:     []string{"connect monitor to laptop", "external monitor not detected", "laptop does not see monitor", "second monitor laptop no signal"},
			subject: "My laptop does not see the external monitor",
			text:    "I connected a monitor to my laptop with the cable from the box, but it says \"no signal\". The monitor works with another computer.",
			title:   "How do I connect a monitor to my laptop?",
			answer:  "Use the port with a lightning bolt or a screen beside it: the others carry no picture.\nChoose the right input on the monitor, with its button.\nPress Windows + P and choose Extend.\nTry 60 Hz: a long cable takes no more.",
		},
		"contacts": {
			ask:     []string{"duplicate contacts", "contacts show twice", "remove duplicate contacts", "merge duplicate contacts"},
			subject: "Duplicate contacts in my address book",
			text:    "Since I added another account every contact shows two or three times. There are more than four hundred, I cannot do it by hand.",
			title:   "How do I remove duplicate contacts?",
			answer:  "Open Contacts › Manage › Merge and fix, and tap Merge all.\nTo see one account at a time, open Contacts › Settings › Contacts to show.\nTurn contact sync off in the account you do not need.\nFor 30 days Undo changes brings everything back.",
		},
		"key": {
			ask:     []string{"laptop key not working", "one key on laptop does not respond", "laptop keyboard key stuck", "keyboard key stuck"},
			subject: "A key of my laptop does not work",
			text:    "The space bar responds every other time. I blew the dust out and nothing changed.",
			answer:  "The keyboard has to be replaced: the contact under the key is worn. The warranty covers it. The shipping label is on this page; the laptop is back in five working days.",
		},
		"charged-twice": {
			ask:     []string{"charged twice", "double charge on card", "order charged twice", "paid twice for one order"},
			subject: "Charged twice for one order",
			text:    "Monday's order shows up twice on my card, with the same amount.",
			answer:  "The second charge was a hold by the bank and not a payment. We have released it: it disappears from your statement within five working days.",
		},
		"parcel": {
			ask:     []string{"parcel delivered but not received", "parcel not arrived", "says delivered but no parcel", "parcel lost by courier"},
			subject: "Parcel marked as delivered, but nothing arrived",
			text:    "The courier says it was delivered yesterday, but there is nothing here and the neighbours know nothing.",
			answer:  "The courier found the parcel at the pick-up point nearby. It will be delivered tomorrow; if you cannot be at home, choose another day in the courier's message.",
		},
		"antivirus": {
			ask:     []string{"antivirus", "Antivirus", "which antivirus", "free antivirus"},
			subject: "Which antivirus should I install?",
			text:    "I bought the laptop last week and cannot find an antivirus on it. Do I have to install one?",
			title:   "Do I need an antivirus?",
			answer:  "The laptop has one already, that of the system: there is no need for another.\nOpen Settings › Security and check that it is on and up to date.\nOn the phone it is enough to install apps from the official store.\nTwo antivirus programs get in each other's way: remove the trial.",
		},
		"smartwatch": {
			ask:     []string{"smartwatch", "Smartwatch", "smartwatches"},
			subject: "Do you sell smartwatches?",
			text:    "I am looking for a smartwatch to use with my phone, but there is none among the products or in the guides.",
			answer:  "We do not sell any. The phone connects to those of other makers that use Bluetooth 5: which one fits, its maker says.",
		},
	},
	text:   "I have read \"%s\" but cannot get it to work. The device is a year old. Can you help?",
	answer: "The steps of \"%s\" solve this. The one that is usually missed is the second: it has to be done while charging. Write back if something does not fit.",
	questions: []question{
		{"model", "Which model is it?", "The steps differ from model to model.", []string{"Nova 8", "Nova 9 Plus", "Libro 14", "Nova 7 Lite"}},
		{"system", "Which system version does the About page show?", "An error like this was mended in the latest.", []string{"14.2", "15.0", "15.1"}},
		{"since", "Since when does it happen, and what had changed before?", "It often begins after an update or a new app.", []string{"For a week, after the update", "Since yesterday, nothing changed", "Since the first day"}},
	},
	customer:  "Customer",
	phone:     "Call: %s They ask for an answer in writing.",
	notes:     []string{"Same as last week: read the article before asking more.", "The customer writes from a phone: keep it short.", "No known fault on this model."},
	tried:     [][2]string{{"Restart and network reset", "no change"}, {"Update to version 15.1", "it stays"}, {"Tried in safe mode", "the same"}, {"Checked the order and its payments", "they match what the customer says"}},
	read:      "Thank you, we have read all of it. It goes to somebody who can solve it: nothing has to be repeated.",
	asked:     "Find the cause and tell the customer how to go on.",
	promised:  "An answer by the date given",
	facts:     map[string]string{"model": "Belvaro One", "wish": "Replacement", "tracking": "BE123456789", "finding": "Software", "photos": "- described by telephone"},
	tell:      map[string]string{"general": "The team that looked into it gave us the steps.", "tech": "It needs a technical test that our specialists do.", "rrr": "It is looked after by those who do returns and repairs.", "payments": "Only accounting can check the payment.", "logistics": "Those who do our shipping talk to the courier."},
	missing:   "model",
	errand:    saying{subject: "Is the spare part in stock?", text: "It is needed for this repair: please look whether there is one, and when it can leave.", answer: "There are two. One is put aside and can leave tomorrow morning."},
	refusals:  map[string]string{"missing_facts": "We cannot test it without the model.", "wrong_team": "Not ours: we do not see these data here.", "no_capacity": "There are two of us today: tomorrow it is.", "not_needed": "The article is enough."},
	decided:   "It changed hands too often: it goes to who can close it.",
	party:     map[string]string{"logistics": "the courier", "payments": "the bank", "tech": "the workshop", "rrr": "the workshop", "general": "the maker"},
	waiting:   "We have asked and wait for an answer. We write as soon as it comes.",
	resumed:   "The answer came",
	silent:    "We have not heard from you and stop here for now. An answer on this page is enough to go on where we were.",
	again:     []string{"I tried it, but it still happens.", "It worked for a day, then it was back.", "I do not have the second step."},
	more:      "Thank you for trying. On this model the entry is called \"Advanced\": from there the steps are the same.",
	thanks:    []string{"Perfect, thank you!", "Solved, thanks a lot.", "It works now. Thanks."},
	welcome:   "Thank you. We close it here.",
	noArticle: "It is about one order",
	notYet:    "There is no article yet",
	noReply:   "The customer did not answer",
	cannot:    "The device is not at hand",
	opinions: map[escalation.Score][]string{
		escalation.Good: {"Quick and clear, thank you.", "It worked at once.", "I did not have to repeat anything."},
		escalation.Fair: {"Solved, but it took a while.", "The right steps, a bit long."},
		escalation.Poor: {"I had to wait too long.", "I explained the same thing twice."},
	},
	dismissed: "It takes a person who sees the order: no article settles it",
	mends:     "The order system team",
}
