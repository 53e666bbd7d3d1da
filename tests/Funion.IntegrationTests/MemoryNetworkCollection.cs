namespace Funion.IntegrationTests;

[CollectionDefinition(Name)]
public sealed class MemoryNetworkCollection : ICollectionFixture<MemoryNetworkFixture>
{
    public const string Name = "memory network";
}
