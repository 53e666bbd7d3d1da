using Funion.Network;

namespace Funion.Cli.LocalNetwork;

/// <summary>What <c>funion up</c> and <c>funion demo</c> are told.</summary>
sealed record LocalHostOptions
{
    /// <summary>Azure Storage's emulator instead of memory.</summary>
    public bool Azurite { get; init; }

    /// <summary>Folder of keys and stored data that survive; null: nothing does.</summary>
    public string? State { get; init; }

    /// <summary>Models beside the sample one: name and file.</summary>
    public IReadOnlyList<(string Name, string File)> Models { get; init; } = [];

    /// <summary>The enclave's program, if models are to be asked through a simulated one too.</summary>
    public string? Enclave { get; init; }

    /// <summary>Folder of an enclave with models that their owners sealed; null: the enclave has the models of <see cref="Models"/>, and is in <see cref="State"/> or of this run.</summary>
    public string? EnclaveFolder { get; init; }

    /// <summary>Where the gateway listens; port 0: a free one.</summary>
    public Uri Listen { get; init; } = new("http://127.0.0.1:8600");

    /// <summary>Where a second gateway listens; null: there is one gateway.</summary>
    public Uri? SecondListen { get; init; }

    /// <summary>Tokens that a client gets for an epoch, to pay a question with each; 0: none are demanded.</summary>
    public int Tokens { get; init; }

    /// <summary>Whom the issuer knows, by the hash of their invitation.</summary>
    public IReadOnlySet<string> Invited { get; init; } = new HashSet<string>();

    /// <summary>Where the issuer listens; port 0: a free one.</summary>
    public Uri IssuerListen { get; init; } = new("http://127.0.0.1:0");

    /// <summary>Whether models are asked by two parties through the mixnet, too: compute's slots then carry the cover of that.</summary>
    public bool AnonymousTwoParty { get; init; }

    public IReadOnlyList<TimeSpan> Buckets { get; init; } = [TimeSpan.FromSeconds(5)];

    public TimeSpan MeanDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>λP per 1,000 seconds.</summary>
    public int Rate { get; init; } = 1_000;

    public int UserPayload { get; init; } = 30_000;

    public TimeSpan EpochLength { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What a bench puts around a node's ports; null: nothing.</summary>
    public Func<string, LocalPorts, LocalPorts>? Around { get; init; }

    /// <summary>λR per 1,000 seconds at the emulator's pace.</summary>
    const int EmulatorLinks = 300;

    /// <summary>λG per 1,000 seconds: in memory a gateway learns within seconds that the network is full, by as many packets as three clients send; on the emulator, never.</summary>
    const int MemoryGatewayLoops = 4_000, EmulatorGatewayLoops = 100;

    /// <summary>Links from couriers to replicas in such a network.</summary>
    static int LinksOfCouriers { get; } = new LocalNetworkOptions().Couriers * new LocalNetworkOptions().Replicas;

    /// <summary>
    /// The rates of such a network. The emulator takes about a thousand operations a second, and a hop costs seven: there compute and loops go slowly,
    /// and a batch is one.
    /// </summary>
    public Rates ToRates(int computePerKilosecond) => new()
    {
        MeanDelayMilliseconds = (int)MeanDelay.TotalMilliseconds, ClientPerKilosecond = Rate, ClientLoopPerKilosecond = Azurite ? 200 : Math.Max(1, Rate / 2),
        GatewayLoopPerKilosecond = Azurite ? EmulatorGatewayLoops : MemoryGatewayLoops, ComputePerKilosecond = computePerKilosecond, LinkPerKilosecond = Math.Max(
            Azurite ? EmulatorLinks : new Rates().LinkPerKilosecond, NetworkRules.LeastLinkRate(computePerKilosecond, LinksOfCouriers)),
    };

    /// <summary>
    /// Polls at the least rate that the rule allows leave a reply waiting for more than a second, eight times in a question. In memory they cost nothing,
    /// so clients poll twice as often; the emulator has no such reserve.
    /// </summary>
    public MailboxParameters ToMailbox(Rates rates)
    {
        MailboxParameters least = MailboxParameters.For(rates);
        return Azurite ? least : least with { PollsPerKilosecond = 2 * least.PollsPerKilosecond };
    }
}
