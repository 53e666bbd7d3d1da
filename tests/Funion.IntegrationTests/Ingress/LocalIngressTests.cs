using Funion.Network;

namespace Funion.IntegrationTests.Ingress;

/// <summary>The ingress of <c>funion up</c>: a whole network behind it.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class LocalIngressTests(MemoryNetworkFixture network) : IngressContract
{
    private protected override IngressStage Stage { get; } = new LocalStage(network);

    sealed class LocalStage(MemoryNetworkFixture network) : IngressStage
    {
        public override Uri Gateway => network.Host.Gateway;

        public override NetworkDocument Document => network.Host.Signed.Document;

        public override TrustedAuthorities Trusted => network.Host.Trusted;
    }
}
